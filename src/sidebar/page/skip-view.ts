import { type StepRecord, skipReason } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { element, setText } from "../parts/dom.ts";

/** A notice in the user's language that a step was skipped, and the reason, which is always English. */
export class SkipView {
  readonly element = element("div", { class: "lightly-runs-error lightly-runs-calm" });
  readonly #reason = element("div", { class: "lightly-runs-faint", lang: "en" });

  constructor() {
    this.element.hidden = true;
    this.element.append(text("step.skipped"), this.#reason);
  }

  show(step: StepRecord): void {
    const reason = skipReason(step);
    this.element.hidden = reason === undefined;
    setText(this.#reason, reason ?? "");
  }
}
