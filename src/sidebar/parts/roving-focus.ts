/** What takes part in the order of the tab key. */
type Focusable = HTMLElement | SVGElement;

/** Of many elements next to each other one takes part in the order of the tab key; the arrows, Home and End lead to the others. */
export function startRoving(elements: readonly Focusable[]): void {
  for (const [index, one] of elements.entries()) {
    one.setAttribute("tabindex", index === 0 ? "0" : "-1");
  }
}

/** Moves the focus among them, if it is there and the key is one that moves it. */
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

/** Gives the focus to one of them, and with it the place in the order of the tab key. */
export function focusOne(target: Focusable, elements: readonly Focusable[]): void {
  for (const one of elements) {
    one.setAttribute("tabindex", one === target ? "0" : "-1");
  }
  target.focus();
}
