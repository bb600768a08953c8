type Content = Node | string | undefined;

/** Creates an HTML element with attributes and content. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly Content[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    created.setAttribute(name, value);
  }
  created.append(...content.filter((one) => one !== undefined));
  return created;
}

/** Creates an SVG element with attributes and content. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly (SVGElement | string)[]
): SVGElementTagNameMap[K] {
  const created = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    created.setAttribute(name, value);
  }
  created.append(...content);
  return created;
}

/** A Font Awesome icon, hidden from screen readers. */
export function icon(name: string): HTMLElement {
  return element("i", { class: `fa fa-${name}`, "aria-hidden": "true" });
}

/** A button with an icon and a text. */
export function button(iconName: string, label: string, act: () => void): HTMLButtonElement {
  const created = element("button", { type: "button", class: "red-ui-button" }, icon(iconName));
  created.append(" ", label);
  created.addEventListener("click", act);
  return created;
}

/** A link that looks like a button, and opens another tab. */
export function linkButton(iconName: string, label: string, address: string, target: string): HTMLAnchorElement {
  const created = element("a", { class: "red-ui-button", href: address, target }, icon(iconName));
  created.append(" ", label);
  return created;
}

/** Sets a text only if it has changed, to avoid needless layouts. */
export function setText(of: Element, value: string): void {
  if (of.textContent !== value) {
    of.textContent = value;
  }
}

/** Sets a tooltip only if it has changed. */
export function setTitle(of: HTMLElement, value: string): void {
  if (of.title !== value) {
    of.title = value;
  }
}

/** Shows why something failed; hides the notice if nothing did. */
export function showNotice(notice: HTMLElement, reason: string | undefined): void {
  notice.hidden = reason === undefined;
  setText(notice, reason ?? "");
}
