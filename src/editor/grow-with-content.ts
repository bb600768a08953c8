/**
 * Lets a text area be as high as its text, up to a limit from which on it scrolls. Once it was dragged to another height it keeps that.
 *
 * @returns to be called when the text has changed; that the area has another width, or is shown at last, is seen here
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
  // Not within the observer's own call: it may change no size there.
  new ResizeObserver(() => requestAnimationFrame(grow)).observe(area);
  return grow;
}
