import { isUserAbort, type RecordedError } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { element, setText } from "../parts/dom.ts";
import { meaningOf } from "../parts/texts/error-meaning.ts";

/**
 * An error: its meaning in the user's language with its code, then its message, which names the resource and says what to do, and is always
 * English. An abort by a user is no error.
 */
export class ErrorView {
  readonly element = element("div", { class: "lightly-runs-error" });
  readonly #meaning = element("strong");
  readonly #code = element("code");
  readonly #message = element("div", { lang: "en" });

  constructor() {
    this.element.hidden = true;
    this.element.append(this.#meaning, " ", this.#code, this.#message);
  }

  show(error: RecordedError | undefined): void {
    this.element.hidden = error === undefined;
    const isAbort = error !== undefined && isUserAbort(error);
    this.element.classList.toggle("lightly-runs-calm", isAbort);
    setText(this.#meaning, isAbort ? text("run.userAbort") : meaningOf(error?.code));
    setText(this.#code, isAbort ? "" : (error?.code ?? ""));
    this.#code.hidden = isAbort;
    setText(this.#message, isAbort ? "" : (error?.message ?? ""));
  }
}
