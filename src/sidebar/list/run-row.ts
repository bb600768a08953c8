import type { RunSummary } from "../../records/run-summary.ts";
import { text } from "../host/host.ts";
import { element, icon, setText, setTitle } from "../parts/dom.ts";
import { StateMark } from "../parts/state-icon.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { meaningOf } from "../parts/texts/error-meaning.ts";
import { namesOf } from "../parts/texts/run-names.ts";
import { formatStart, formatStartShort } from "../parts/texts/times.ts";

/** A run in the list. */
export class RunRow {
  readonly element = element("li", { class: "lightly-runs-row" });
  readonly #button = element("button", { type: "button" });
  readonly #state = new StateMark();
  readonly #flow = element("span", { class: "lightly-runs-name" });
  readonly #duration = element("span", { class: "lightly-runs-duration" });
  readonly #start = element("span");
  readonly #trigger = element("span", { class: "lightly-runs-name" });
  readonly #currentStep = element("span", { class: "lightly-runs-name" });
  readonly #progress = element("span", { class: "lightly-runs-duration" });
  readonly #unsaved = element("span", { class: "lightly-runs-line lightly-runs-unsaved" });
  #run: RunSummary;

  constructor(run: RunSummary, open: (runId: string) => void) {
    this.#run = run;
    this.#button.append(
      element("span", { class: "lightly-runs-line" }, this.#state.element, this.#flow, this.#duration),
      element(
        "span",
        { class: "lightly-runs-line lightly-runs-faint" },
        this.#start,
        this.#trigger,
        this.#currentStep,
        this.#progress,
      ),
      this.#unsaved,
    );
    this.#unsaved.append(icon("exclamation-triangle"), " ", text("list.unsaved"));
    this.#button.addEventListener("click", () => open(run.runId));
    this.element.append(this.#button);
    this.show(run, Date.now());
  }

  get run(): RunSummary {
    return this.#run;
  }

  focus(): void {
    this.#button.focus();
  }

  show(run: RunSummary, now: number): void {
    this.#run = run;
    this.element.dataset.run = run.runId;
    this.#state.show(run.state);
    const { title, trigger } = namesOf(run);
    setText(this.#flow, title);
    setText(this.#start, formatStartShort(run.startedAt, now));
    setTitle(this.#start, formatStart(run.startedAt));
    setText(this.#trigger, trigger);
    setText(this.#currentStep, currentStepOf(run));
    setTitle(this.#currentStep, this.#currentStep.textContent);
    this.#currentStep.hidden = this.#currentStep.textContent === "";
    this.#unsaved.hidden = run.unsavedReason === undefined;
    setTitle(this.#unsaved, run.unsavedReason ?? "");
    setText(this.#progress, text("list.progress", { completed: run.completedSteps, total: run.totalSteps }));
    this.tick(now);
  }

  /** Updates the duration of a running run. */
  tick(now: number): void {
    setText(this.#duration, formatDuration((this.#run.endedAt ?? now) - this.#run.startedAt));
  }
}

/** The current step of a running run, the meaning of the error of a failed one, or how many videos of a completed one have failed. */
function currentStepOf({ state, lastStep, errorCode, failedItems = 0 }: RunSummary): string {
  if (state === "completed" && failedItems > 0) {
    return text("list.failedItems", { failed: failedItems });
  }
  if (state === "running" || state === "interrupted") {
    return lastStep?.name ?? "";
  }
  return state === "failed" ? meaningOf(errorCode) || (errorCode ?? "") : "";
}
