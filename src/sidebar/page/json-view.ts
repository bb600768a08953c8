import { element } from "../parts/dom.ts";
import { editor } from "../parts/editor.ts";

/** A value in Node-RED's object viewer, with a heading if it has a name. Redrawn only when the value has changed. */
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
    const [viewer] = now === "" ? [] : editor.utils.createObjectElement(JSON.parse(now), { typeHint: "Object" });
    this.element.replaceChildren(
      ...(viewer ? [this.#name === undefined ? "" : element("h4", {}, this.#name), viewer] : []),
    );
  }
}
