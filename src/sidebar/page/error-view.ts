import type { RecordedError } from "../../runs/records/run-record.ts";
import { element, setText } from "../parts/dom.ts";
import { text } from "../parts/editor.ts";

/** A failure: its code, what the code means in the user's language, and what was said of it, which is always English. */
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

/** What a code means; blank for one that this version does not know: the journal may be another version's. */
function meaningOf(code: string): string {
  const key = `errors.${code}`;
  const meaning = text(key);
  return meaning.endsWith(key) ? "" : meaning;
}
