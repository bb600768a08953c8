import { containerUses } from "../../records/container-use.ts";
import { foldedSteps, timelineSteps } from "../../records/folded-steps.ts";
import { instanceUses } from "../../records/instance-use.ts";
import type { RunRecord, StepRecord } from "../../records/run-record.ts";
import { selectionsOf } from "../../records/selections.ts";
import { requestsOf } from "../cost/requests-of.ts";
import { containerTimesOf, timesOf } from "../cost/times-of.ts";
import { Gantt } from "../gantt/gantt.ts";
import { host, nodeToOpen, text } from "../host/host.ts";
import { ActionBar } from "../page/action-bar.ts";
import { ErrorView } from "../page/error-view.ts";
import { button, element, setText, showNotice } from "../parts/dom.ts";
import { pageAddress } from "../parts/page-address.ts";
import { pageLink } from "../parts/page-link.ts";
import type { RunAction, ShownRun } from "../parts/requests/requests.ts";
import { RunReader } from "../parts/requests/run-reader.ts";
import { StateMark } from "../parts/state-icon.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { namesOf } from "../parts/texts/run-names.ts";
import { formatStartShort } from "../parts/texts/times.ts";
import { Strip } from "./strip.ts";

export interface SummaryViewOptions {
  readonly runId: string;
  readonly back: () => void;
  readonly acted: (action: RunAction, run: RunRecord) => void;
  /** Called with each state of the run. */
  readonly shown: (run: ShownRun) => void;
}

/** A run in the panel, made for a width of 300 pixels: state, steps, buttons, then the error. Everything else is on the full page. */
export class SummaryView {
  readonly element = element("div", { class: "lightly-runs-page lightly-runs-run" });
  readonly runId: string;
  readonly #title = element("h2");
  readonly #state = new StateMark();
  readonly #times = element("span");
  readonly #error = new ErrorView();
  readonly #unsaved = element("div", { class: "lightly-runs-error lightly-runs-stale", role: "status" });
  readonly #notice = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #frames: HTMLAnchorElement;
  readonly #trigger = element("div", { class: "lightly-runs-faint" });
  readonly #uses = element("div");
  readonly #containers = element("div");
  readonly #requests = element("div");
  readonly #actions: ActionBar;
  readonly #strip: Strip;
  readonly #gantt = new Gantt((stepId) => this.#strip.choose(stepId));
  readonly #back: HTMLButtonElement;
  readonly #reader: RunReader;
  readonly #shown: (run: ShownRun) => void;
  #run: ShownRun | undefined;

  constructor({ runId, back, acted, shown }: SummaryViewOptions) {
    this.runId = runId;
    this.#shown = shown;
    this.#actions = new ActionBar({ runId, acted });
    this.#back = button("chevron-left", text("title"), back);
    this.#strip = new Strip(text("run.steps"), openNode);
    this.#reader = new RunReader(
      runId,
      (run) => this.show(run),
      (reason) => showNotice(this.#notice, reason),
    );
    showNotice(this.#notice, undefined);
    this.#frames = element("a", { target: "lightly-runs", href: pageAddress({ runId, tab: "frames" }) });
    this.#gantt.element.setAttribute("aria-label", text("gantt.title"));
    const open = pageLink({ runId });
    this.element.append(
      element("div", { class: "lightly-runs-head" }, this.#back, this.#title, open),
      element("div", { class: "lightly-runs-facts" }, this.#state.element, this.#times, this.#frames),
      this.#strip.element,
      this.#actions.element,
      this.#notice,
      this.#unsaved,
      this.#error.element,
      this.#trigger,
      element("div", { class: "lightly-runs-faint" }, this.#uses, this.#containers, this.#requests),
      element("h3", {}, text("gantt.title")),
      this.#gantt.element,
    );
  }

  focus(): void {
    this.#back.focus();
  }

  async refresh(): Promise<void> {
    await this.#reader.refresh();
  }

  show(run: ShownRun): void {
    this.#run = run;
    const now = Date.now();
    const { title, trigger } = namesOf({ ...run, firstStep: run.steps[0] });
    setText(this.#title, title);
    this.#title.title = title;
    this.#state.show(run.state);
    setText(this.#trigger, trigger && text("run.trigger", { trigger }));
    this.#error.show(run.error);
    this.#unsaved.hidden = run.unsavedReason === undefined;
    setText(this.#unsaved, run.unsavedReason === undefined ? "" : text("run.unsaved", { reason: run.unsavedReason }));
    this.#actions.show(run);
    const selected = selectionsOf(run).reduce((sum, one) => sum + (one.selected ?? 0), 0);
    this.#frames.hidden = selected === 0;
    setText(this.#frames, text("line.frames", { selected }));
    this.#strip.show(foldedSteps(run.steps), now);
    const containers = containerUses(run);
    const containerTimes = containers.length === 0 ? "" : containerTimesOf(containers);
    setText(this.#containers, containerTimes && text("run.containers", { times: containerTimes }));
    const requests = requestsOf(run);
    setText(this.#requests, requests === "" ? "" : text("run.requests", { list: requests }));
    this.#showTimes(run, now);
    this.#shown(run);
  }

  /** Updates what changes with the time. */
  tick(now: number): void {
    if (this.#run && this.#run.endedAt === undefined) {
      this.#strip.tick(now);
      this.#showTimes(this.#run, now);
    }
  }

  #showTimes(run: RunRecord, now: number): void {
    const duration = formatDuration((run.endedAt ?? now) - run.startedAt);
    setText(this.#times, text("run.times", { start: formatStartShort(run.startedAt, now), duration }));
    const uses = instanceUses(run, now);
    setText(this.#uses, uses.length === 0 ? "" : text("run.instances", { times: timesOf(uses) }));
    this.#gantt.show({ ...run, steps: timelineSteps(run.steps) }, now);
  }
}

function openNode(step: StepRecord): void {
  const nodeId = nodeToOpen(step);
  if (nodeId !== undefined) {
    host().showNode?.(nodeId);
  }
}
