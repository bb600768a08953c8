import type { StepRecord } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { element, icon } from "../parts/dom.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { phaseWord } from "../parts/texts/phase-word.ts";
import { phaseSpans, phasesToCome } from "../parts/texts/phases.ts";

/** The phases of a step: with their durations when they are over, then the current one, then those that follow. */
export class PhasesView {
  readonly element = element("ol", { class: "lightly-runs-phases", "aria-label": text("step.phases") });

  /** @param isOpen - whether the details of the step are shown, which have the phases also when the step is over */
  show(step: StepRecord, now: number, isOpen: boolean): void {
    const isRunning = step.state === "running";
    const spans = phaseSpans(step, now);
    this.element.hidden = spans.length === 0 || !(isRunning || isOpen);
    const over = isRunning ? spans.slice(0, -1) : spans;
    const [current] = isRunning ? spans.slice(-1) : [];
    const toCome = phasesToCome(step);
    const shown = JSON.stringify([over, current?.name, toCome]);
    if (this.element.dataset.shown === shown) {
      return;
    }
    this.element.dataset.shown = shown;
    this.element.replaceChildren(
      ...over.map(({ name, from, to }) =>
        element("li", {}, icon("check"), `${phaseWord(name)} ${formatDuration(to - from)}`),
      ),
      ...(current === undefined ? [] : [element("li", { "aria-current": "step" }, phaseWord(current.name))]),
      ...toCome.map((name) => element("li", {}, phaseWord(name))),
    );
  }
}
