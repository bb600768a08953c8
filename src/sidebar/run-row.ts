import type { RunSummary } from "../runs/run-summary.ts";
import { element, setText } from "./dom.ts";
import { formatDuration } from "./duration.ts";
import { flowOf, text } from "./editor.ts";
import { StateMark } from "./state-icon.ts";
import { formatStart } from "./times.ts";
import { triggerName } from "./trigger-name.ts";

/** A run in the list. */
export class RunRow {
  readonly element = element("li", { class: "lightly-runs-row" });
  readonly #button = element("button", { type: "button" });
  readonly #state = new StateMark();
  readonly #flow = element("span", { class: "lightly-runs-name" });
  readonly #duration = element("span", { class: "lightly-runs-duration" });
  readonly #start = element("span");
  readonly #trigger = element("span", { class: "lightly-runs-name" });
  readonly #last = element("span", { class: "lightly-runs-name" });
  readonly #done = element("span", { class: "lightly-runs-duration" });
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
        this.#last,
        this.#done,
      ),
    );
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
    this.#state.show(run.state, run.endedOtherwise);
    // Of a flow that is gone, how its first step was called.
    setText(this.#flow, flowOf(run.first?.nodeId) || (run.first?.name ?? ""));
    setText(this.#start, formatStart(run.startedAt));
    setText(this.#trigger, triggerName(run.trigger));
    // Where a run stands; of one that has come to its end that is nothing new.
    setText(this.#last, run.state === "completed" ? "" : (run.last?.name ?? ""));
    this.#last.hidden = this.#last.textContent === "";
    setText(this.#done, text("list.done", { done: run.done, steps: run.steps }));
    this.tick(now);
  }

  /** Lets the duration of a run that goes on grow. */
  tick(now: number): void {
    setText(this.#duration, formatDuration((this.#run.endedAt ?? now) - this.#run.startedAt));
  }
}
