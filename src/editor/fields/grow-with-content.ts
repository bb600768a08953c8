/**
 * Makes a text area as high as its text, up to a limit. A height that the user has set by dragging is not changed.
 *
 * @returns a function to call when the text has changed; changes of width and visibility are detected
 */
export function growWithContent(area: HTMLTextAreaElement, mostPx: number): () => void {
  let own = "";
  const grow = (): void => {
    const isShown = area.clientWidth > 0;
    if (!isShown || area.style.height !== own) {
      return;
    }
    area.style.height = "auto";
    const borders = area.offsetHeight - area.clientHeight;
    area.style.height = `${Math.min(area.scrollHeight + borders, mostPx)}px`;
    own = area.style.height;
  };
  // Not in the callback of the observer, which must not change sizes.
  new ResizeObserver(() => requestAnimationFrame(grow)).observe(area);
  return grow;
}
