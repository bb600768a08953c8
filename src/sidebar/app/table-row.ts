import type { RunSummary } from "../../records/run-summary.ts";
import { host, text } from "../host/host.ts";
import { element, icon, setText } from "../parts/dom.ts";
import { hashOf } from "../parts/page-address.ts";
import { StateMark } from "../parts/state-icon.ts";
import { stepStrip } from "../parts/step-strip.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { meaningOf } from "../parts/texts/error-meaning.ts";
import { namesOf } from "../parts/texts/run-names.ts";
import { formatStart, formatStartTable } from "../parts/texts/times.ts";

/** A run in the table. A click anywhere in the row opens it. */
export class TableRow {
  readonly element = element("tr");
  readonly #check = element("input", { type: "checkbox" });
  readonly #state = new StateMark();
  readonly #link = element("a");
  readonly #trigger = element("td", { class: "lightly-page-trigger" });
  readonly #start = element("td", { class: "lightly-page-start" });
  readonly #duration = element("td", { class: "lightly-page-duration" });
  readonly #steps = element("td", { class: "lightly-page-steps" });
  readonly #frames = element("td", { class: "lightly-page-frames" });
  readonly #note = element("td", { class: "lightly-page-note" });
  #run: RunSummary | undefined;

  constructor(runId: string, select: (isSelected: boolean) => void) {
    this.element.dataset.run = runId;
    this.#link.href = hashOf({ runId });
    this.#check.addEventListener("change", () => select(this.#check.checked));
    const check = element("td", { class: "lightly-page-select" }, this.#check);
    this.element.append(
      ...(host().canWrite() ? [check] : []),
      element("td", { class: "lightly-page-state" }, this.#state.element),
      element("th", { scope: "row", class: "lightly-page-flow" }, this.#link),
      this.#trigger,
      this.#start,
      this.#duration,
      this.#steps,
      this.#frames,
      this.#note,
    );
    this.element.addEventListener("click", ({ target }) => {
      const isText = (getSelection()?.toString() ?? "") !== "";
      if (target instanceof Element && !target.closest("a, input, .lightly-page-select") && !isText) {
        this.#link.click();
      }
    });
  }

  focus(): void {
    this.#link.focus();
  }

  select(isSelected: boolean): void {
    this.#check.checked = isSelected;
    this.element.classList.toggle("lightly-page-selected", isSelected);
  }

  show(run: RunSummary, now: number): void {
    if (this.#run === run) {
      return;
    }
    this.#run = run;
    const { title, trigger } = namesOf(run);
    this.#state.show(run.state);
    setText(this.#link, title || run.runId);
    this.#check.setAttribute("aria-label", text("table.select", { title, start: formatStart(run.startedAt) }));
    setText(this.#trigger, trigger);
    this.#trigger.title = trigger;
    setText(this.#start, formatStartTable(run.startedAt));
    const progress = text("list.progress", { completed: run.completedSteps, total: run.totalSteps });
    this.#steps.replaceChildren(stepStrip(run.stepStates), element("span", { class: "lightly-runs-faint" }, progress));
    setText(this.#frames, run.selectedFrames === undefined ? "" : String(run.selectedFrames));
    this.#showNote(run);
    this.tick(now);
  }

  /** Updates the duration of a running run. */
  tick(now: number): void {
    if (this.#run) {
      setText(this.#duration, formatDuration((this.#run.endedAt ?? now) - this.#run.startedAt));
    }
  }

  /** The current step of a running run, the meaning of the error of a failed one. */
  #showNote({ state, lastStep, errorCode, unsavedReason }: RunSummary): void {
    if (unsavedReason !== undefined) {
      this.#note.replaceChildren(icon("exclamation-triangle"), ` ${text("list.unsaved")}`);
      this.#note.title = unsavedReason;
      return;
    }
    const isOpen = state === "running" || state === "interrupted";
    const note = isOpen ? (lastStep?.name ?? "") : state === "failed" ? meaningOf(errorCode) || (errorCode ?? "") : "";
    setText(this.#note, note);
    this.#note.title = note;
  }
}
