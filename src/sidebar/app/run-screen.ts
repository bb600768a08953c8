import { timelineSteps } from "../../records/folded-steps.ts";
import { currentSteps, type RunRecord } from "../../records/run-record.ts";
import { selectionOf } from "../../records/selections.ts";
import { CostView } from "../cost/cost-view.ts";
import { FramesView } from "../gallery/frames-view.ts";
import { Gantt } from "../gantt/gantt.ts";
import { host, text } from "../host/host.ts";
import { StepView } from "../page/step-view.ts";
import { element } from "../parts/dom.ts";
import type { Tab } from "../parts/page-address.ts";
import type { AccountPages, ShownRun } from "../parts/requests/requests.ts";
import { RunReader } from "../parts/requests/run-reader.ts";
import { RunActions } from "./run-actions.ts";
import { RunHead } from "./run-head.ts";
import { RunLogView } from "./run-log-view.ts";
import { Tabs } from "./tabs.ts";

export interface RunScreenOptions {
  readonly runId: string;
  /** The part to show; default: the most informative one. */
  readonly tab: Tab | undefined;
  /** The user has chosen another part. */
  readonly onTab: (tab: Tab) => void;
  readonly open: (runId: string | undefined) => void;
  /** The web consoles of all accounts, by node id. */
  readonly accounts: () => Readonly<Record<string, AccountPages>>;
}

/** One run on the full page: its facts and actions, a wide timeline, and the steps, the log, the frames and the cost below it. */
export class RunScreen {
  readonly element = element("main", { class: "lightly-page-run lightly-page-unread" });
  readonly runId: string;
  readonly #options: RunScreenOptions;
  readonly #actions: RunActions;
  readonly #head: RunHead;
  readonly #gantt = new Gantt((stepId) => this.#reveal(stepId), "beside");
  readonly #cost = new CostView();
  readonly #steps = new Map<string, StepView>();
  readonly #list = element("ol", { class: "lightly-runs-steps" });
  readonly #log = new RunLogView();
  readonly #frames = element("div");
  readonly #tabs: Tabs;
  readonly #reader: RunReader;
  #framesView: { readonly stepIds: string; readonly view: FramesView } | undefined;
  #run: ShownRun | undefined;
  #isDestroyed = false;

  constructor(options: RunScreenOptions) {
    const { runId, open } = options;
    this.runId = runId;
    this.#options = options;
    this.#actions = new RunActions({ runId, open, onChange: () => void this.refresh() });
    this.#head = new RunHead({ runId, actions: this.#actions.element, onBack: () => open(undefined) });
    this.#tabs = new Tabs(
      {
        steps: { label: text("run.steps"), content: this.#list },
        log: { label: text("step.log"), content: this.#log.element },
        frames: { label: text("gallery.title"), content: this.#frames },
        cost: { label: text("cost.title"), content: this.#cost.element },
      },
      options.onTab,
    );
    this.#reader = new RunReader(
      runId,
      (run) => this.show(run),
      (reason) => this.#head.notify(reason),
    );
    this.element.append(
      ...this.#head.elements,
      element("section", { class: "lightly-page-gantt" }, this.#gantt.element),
      this.#tabs.element,
    );
  }

  /** Call when the screen is left. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#framesView?.view.destroy();
  }

  focus(): void {
    this.#head.focus();
  }

  async refresh(): Promise<void> {
    await this.#reader.refresh();
  }

  showTab(tab: Tab): void {
    this.#tabs.show(tab);
  }

  show(run: ShownRun): void {
    const isFirst = this.#run === undefined;
    this.#run = run;
    this.element.classList.remove("lightly-page-unread");
    const now = Date.now();
    this.#head.show(run);
    this.#actions.show(run);
    this.#showSteps(run, now);
    this.#log.show(run);
    this.#showFrames(run);
    this.#showTimes(run, now);
    if (isFirst) {
      this.#tabs.show(this.#options.tab ?? this.#usualTab(run));
      this.#openFailed(run);
    }
  }

  /** Updates durations and bars of running steps. */
  tick(now: number): void {
    if (this.#run && this.#run.endedAt === undefined) {
      this.#showTimes(this.#run, now);
      for (const { stepId, endedAt } of this.#run.steps) {
        if (endedAt === undefined) {
          this.#steps.get(stepId)?.tick(now);
        }
      }
    }
  }

  #usualTab({ state }: ShownRun): Tab {
    return state === "completed" && this.#framesView !== undefined ? "frames" : "steps";
  }

  #openFailed({ steps }: ShownRun): void {
    for (const { stepId } of currentSteps(steps).filter(({ state }) => state === "failed")) {
      this.#steps.get(stepId)?.open(true);
    }
  }

  #showSteps(run: ShownRun, now: number): void {
    const current = new Set(currentSteps(run.steps));
    for (const step of run.steps) {
      const existing = this.#steps.get(step.stepId);
      const view = existing ?? new StepView(step, (nodeId) => this.#pagesOf(nodeId));
      if (!existing) {
        this.#steps.set(step.stepId, view);
        this.#list.append(view.element);
      }
      const isRunError = step.error !== undefined && step.error.message === run.error?.message;
      view.show(step, now, !current.has(step), isRunError);
    }
    this.#tabs.setCount("steps", String(current.size));
  }

  #pagesOf(nodeId: string): AccountPages {
    return this.#options.accounts()[host().node(nodeId)?.account ?? ""] ?? {};
  }

  /** Shows the selections of completed steps, and reloads them when there are new ones. */
  #showFrames({ steps }: ShownRun): void {
    const selected = steps.filter(
      (step) => step.state === "completed" && step.role === "select" && selectionOf(step).length > 0,
    );
    const stepIds = selected.map(({ stepId }) => stepId).join();
    if (this.#isDestroyed || stepIds === (this.#framesView?.stepIds ?? "")) {
      this.#tabs.setHidden("frames", stepIds === "");
      return;
    }
    this.#framesView?.view.destroy();
    const view = new FramesView(this.runId, (count) => this.#tabs.setCount("frames", String(count)));
    this.#framesView = { stepIds, view };
    this.#frames.replaceChildren(view.element);
    this.#tabs.setHidden("frames", false);
    void view.load();
  }

  #showTimes(run: RunRecord, now: number): void {
    this.#head.showTimes(run, now);
    this.#gantt.show({ ...run, steps: timelineSteps(run.steps) }, now);
    this.#cost.show(run, now);
    this.#tabs.setHidden("cost", this.#cost.isEmpty);
  }

  #reveal(stepId: string): void {
    this.#tabs.show("steps");
    this.#options.onTab("steps");
    this.#steps.get(stepId)?.reveal();
  }
}
