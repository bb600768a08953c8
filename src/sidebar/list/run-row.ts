import type { RunSummary } from "../../runs/records/run-summary.ts";
import { element, icon, setText } from "../parts/dom.ts";
import { formatDuration } from "../parts/duration.ts";
import { flowOf, text } from "../parts/editor.ts";
import { StateMark } from "../parts/state-icon.ts";
import { formatStart, formatStartShort } from "../parts/times.ts";
import { triggerName } from "../parts/trigger-name.ts";

/** A run in the list. */
export class RunRow {
  readonly element = element("li", { class: "lightly-runs-row" });
  readonly #button = element("button", { type: "button" });
  readonly #state = new StateMark();
  readonly #flow = element("span", { class: "lightly-runs-name" });
  readonly #duration = element("span", { class: "lightly-runs-duration" });
  readonly #start = element("span");
  readonly #trigger = element("span", { class: "lightly-runs-name" });
  readonly #stand = element("span", { class: "lightly-runs-name" });
  readonly #done = element("span", { class: "lightly-runs-duration" });
  readonly #unsavedReason = element("span", { class: "lightly-runs-line lightly-runs-not-on-disk" });
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
        this.#stand,
        this.#done,
      ),
      this.#unsavedReason,
    );
    this.#unsavedReason.append(icon("exclamation-triangle"), " ", text("list.unsavedReason"));
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
    // Of a flow that is gone, how its first step was called.
    setText(this.#flow, flowOf(run.firstStep?.nodeId) || (run.firstStep?.name ?? ""));
    setText(this.#start, formatStartShort(run.startedAt, now));
    this.#start.title = formatStart(run.startedAt);
    setText(this.#trigger, triggerName(run.trigger));
    setText(this.#stand, whereItStands(run));
    this.#stand.hidden = this.#stand.textContent === "";
    this.#unsavedReason.hidden = run.unsavedReason === undefined;
    this.#unsavedReason.title = run.unsavedReason ?? "";
    setText(this.#done, text("list.done", { done: run.completedSteps, steps: run.totalSteps }));
    this.tick(now);
  }

  /** Lets the duration of a run that goes on grow. */
  tick(now: number): void {
    setText(this.#duration, formatDuration((this.#run.endedAt ?? now) - this.#run.startedAt));
  }
}

/** The step that a run is at, or what it has failed with; its last step is nothing new of one that is over. */
function whereItStands({ state, lastStep, errorCode }: RunSummary): string {
  if (state === "running" || state === "interrupted") {
    return lastStep?.name ?? "";
  }
  return state === "failed" ? (errorCode ?? "") : "";
}
