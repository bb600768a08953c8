/**
 * Copies a text to the clipboard. Browsers offer the clipboard only on https and localhost, and Node-RED is often used over http: then by
 * the older command, which needs a selection.
 *
 * @returns whether it was copied
 */
export async function copyText(value: string): Promise<boolean> {
  if (navigator.clipboard) {
    return await navigator.clipboard.writeText(value).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = value;
  area.style.position = "fixed";
  area.style.opacity = "0";
  const focused = document.activeElement;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) {
    focused.focus();
  }
  return isCopied;
}
