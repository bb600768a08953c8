type Focusable = HTMLElement | SVGElement;

/** Starts a roving tab index: the tab key reaches one of the elements; the arrow keys, Home and End reach the others. */
export function startRoving(elements: readonly Focusable[]): void {
  for (const [index, one] of elements.entries()) {
    one.setAttribute("tabindex", index === 0 ? "0" : "-1");
  }
}

/** Moves the focus among the elements if the key is an arrow key, Home or End. */
export function moveFocus(event: KeyboardEvent, elements: readonly Focusable[]): void {
  const at = (elements as readonly (Element | null)[]).indexOf(document.activeElement);
  const last = elements.length - 1;
  const [next, before] = [Math.min(at + 1, last), Math.max(at - 1, 0)];
  const to = { ArrowRight: next, ArrowDown: next, ArrowLeft: before, ArrowUp: before, Home: 0, End: last }[event.key];
  const target = to === undefined || at === -1 ? undefined : elements[to];
  if (target) {
    event.preventDefault();
    focusOne(target, elements);
  }
}

/** Focuses one of the elements and makes it the one that the tab key reaches. */
export function focusOne(target: Focusable, elements: readonly Focusable[]): void {
  for (const one of elements) {
    one.setAttribute("tabindex", one === target ? "0" : "-1");
  }
  target.focus();
}
