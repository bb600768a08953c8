import { text } from "../host/host.ts";
import { copyText } from "./copy-text.ts";
import { button } from "./dom.ts";

const SHOWN_MS = 2000;

/** A button that copies a text, and says for two seconds that it has. */
export function copyButton(label: string, value: () => string): HTMLButtonElement {
  const copy = button("clipboard", label, async () => {
    const isCopied = await copyText(value());
    copy.lastChild?.replaceWith(text(isCopied ? "copy.done" : "copy.failed"));
    setTimeout(() => copy.lastChild?.replaceWith(label), SHOWN_MS);
  });
  copy.setAttribute("aria-live", "polite");
  return copy;
}
