import { element } from "../parts/dom.ts";

/** Longer arrays and objects are shown in part. */
const MAX_MEMBERS = 200;

/** A value as a tree, with a heading if it has a name. Redrawn only when the value has changed. */
export class JsonView {
  readonly element = element("div", { class: "lightly-runs-json" });
  readonly #name: string | undefined;
  #shown: string | undefined;

  constructor(name?: string) {
    this.#name = name;
  }

  show(value: Readonly<Record<string, unknown>> | undefined): void {
    const now = value === undefined || Object.keys(value).length === 0 ? "" : JSON.stringify(value);
    if (now === this.#shown) {
      return;
    }
    this.#shown = now;
    this.element.hidden = now === "";
    const heading = this.#name === undefined ? [] : [element("h4", {}, this.#name)];
    this.element.replaceChildren(...(now === "" ? [] : [...heading, members(JSON.parse(now), 0)]));
  }
}

/** The members of an object or array, one a line. */
function members(value: object, depth: number): HTMLElement {
  const entries = Object.entries(value);
  const list = element("ul", {}, ...entries.slice(0, MAX_MEMBERS).map(([key, inner]) => member(key, inner, depth)));
  if (entries.length > MAX_MEMBERS) {
    list.append(element("li", {}, `… ${entries.length - MAX_MEMBERS}`));
  }
  return list;
}

/** An object or array unfolds when it is clicked; the outer ones with few members are open at first. */
function member(key: string, value: unknown, depth: number): HTMLElement {
  const name = element("span", { class: "lightly-runs-json-key" }, key);
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    const type = value === null ? "null" : typeof value;
    return element("li", {}, name, ": ", element("span", { class: `lightly-runs-json-${type}` }, textOf(value)));
  }
  const size = Object.keys(value).length;
  const kind = Array.isArray(value) ? `[${size}]` : `{${size}}`;
  const details = element(
    "details",
    {},
    element("summary", {}, name, " ", element("span", { class: "lightly-runs-faint" }, kind)),
  );
  const fill = (): void => {
    if (details.open && details.childElementCount === 1) {
      details.append(members(value, depth + 1));
    }
  };
  details.addEventListener("toggle", fill);
  details.open = depth === 0 && size <= 12;
  fill();
  return element("li", {}, details);
}

function textOf(value: unknown): string {
  if (typeof value === "string") {
    return `"${value}"`;
  }
  return typeof value === "object" && value !== null ? (Array.isArray(value) ? "[]" : "{}") : String(value);
}
