type Content = Node | string | undefined;

/** Makes an element; `class` and other attributes as in HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...content.filter((one) => one !== undefined));
  return made;
}

/** The same for SVG. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly (SVGElement | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...content);
  return made;
}

/** An icon of Font Awesome that no screen reader speaks. */
export function icon(name: string): HTMLElement {
  return element("i", { class: `fa fa-${name}`, "aria-hidden": "true" });
}

/** A button with an icon and a text. */
export function button(iconName: string, label: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "red-ui-button red-ui-button-small" }, icon(iconName));
  made.append(" ", label);
  made.addEventListener("click", act);
  return made;
}

/** Sets a text only if it is another one: what does not change needs no new layout. */
export function setText(of: Element, value: string): void {
  if (of.textContent !== value) {
    of.textContent = value;
  }
}
