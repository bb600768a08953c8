import type { RecordedError } from "../../runs/records/run-record.ts";
import { element, setText } from "../parts/dom.ts";
import { text } from "../parts/editor.ts";

/** An error: its code, the meaning of the code in the user's language, and its message, which is always English. */
export class ErrorView {
  readonly element = element("div", { class: "lightly-runs-error" });
  readonly #code = element("code");
  readonly #meaning = element("span");
  readonly #message = element("div", { class: "lightly-runs-faint", lang: "en" });

  constructor() {
    this.element.hidden = true;
    this.element.append(this.#code, " ", this.#meaning, this.#message);
  }

  show(error: RecordedError | undefined): void {
    this.element.hidden = error === undefined;
    setText(this.#code, error?.code ?? "");
    setText(this.#meaning, error === undefined ? "" : meaningOf(error.code));
    setText(this.#message, error?.message ?? "");
  }
}

/** The meaning of a code; empty if this version does not know it, because another version has written the journal. */
function meaningOf(code: string): string {
  const key = `errors.${code}`;
  const meaning = text(key);
  return meaning.endsWith(key) ? "" : meaning;
}
