import { timelineSteps } from "../../records/folded-steps.ts";
import { currentSteps, type RunRecord } from "../../records/run-record.ts";
import { selectionOf } from "../../records/selections.ts";
import { CostView } from "../cost/cost-view.ts";
import { FramesView } from "../gallery/frames-view.ts";
import { Gantt } from "../gantt/gantt.ts";
import { host, text } from "../host/host.ts";
import { reasonOf } from "../host/request-error.ts";
import { ActionBar } from "../page/action-bar.ts";
import { ErrorView } from "../page/error-view.ts";
import { StepView } from "../page/step-view.ts";
import { copyButton } from "../parts/copy-button.ts";
import { button, element, icon, setText, showNotice } from "../parts/dom.ts";
import { confirm } from "../parts/modal.ts";
import type { Tab } from "../parts/page-address.ts";
import { type AccountPages, deleteRun, type RunAction, type ShownRun } from "../parts/requests/requests.ts";
import { RunReader } from "../parts/requests/run-reader.ts";
import { StateMark } from "../parts/state-icon.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { namesOf } from "../parts/texts/run-names.ts";
import { formatStart } from "../parts/texts/times.ts";
import { openRerunDialog } from "./rerun-dialog.ts";
import { RunLog } from "./run-log.ts";
import { Tabs } from "./tabs.ts";

export interface RunScreenOptions {
  readonly runId: string;
  /** The part to show; by default the one that tells most. */
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
  readonly #title = element("h1");
  readonly #state = new StateMark();
  readonly #facts = element("div", { class: "lightly-page-facts" });
  readonly #times = element("span");
  readonly #trigger = element("span");
  readonly #error = new ErrorView();
  readonly #unsaved = element("div", { class: "lightly-runs-error lightly-runs-stale", role: "status" });
  readonly #notice = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #actions: ActionBar;
  readonly #edit: HTMLButtonElement;
  readonly #delete: HTMLButtonElement;
  readonly #gantt = new Gantt((stepId) => this.#reveal(stepId), "beside");
  readonly #cost = new CostView();
  readonly #steps = new Map<string, StepView>();
  readonly #list = element("ol", { class: "lightly-runs-steps" });
  readonly #log = new RunLog();
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
    this.#actions = new ActionBar({ runId, acted: (action, run) => this.#acted(action, run) });
    this.#edit = button("pencil", text("action.edit"), () => void this.#editInputs());
    this.#delete = button("trash", text("action.delete"), () => void this.#deleteRun());
    this.#actions.buttons.append(this.#edit, this.#delete);
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
      (reason) => showNotice(this.#notice, reason),
    );
    showNotice(this.#notice, undefined);
    this.#unsaved.hidden = true;
    const back = element("a", { class: "lightly-page-back", href: "#" }, icon("angle-left"), ` ${text("title")}`);
    back.addEventListener("click", (event) => {
      event.preventDefault();
      open(undefined);
    });
    this.#facts.append(
      this.#times,
      this.#trigger,
      element(
        "span",
        { class: "lightly-page-id" },
        `${text("run.id")} `,
        element("code", {}, runId),
        copyButton(text("copy.label"), () => runId),
      ),
    );
    this.element.append(
      element(
        "div",
        { class: "lightly-page-head" },
        element("div", { class: "lightly-page-title" }, back, this.#title, this.#state.element),
        this.#actions.element,
      ),
      this.#facts,
      this.#notice,
      this.#unsaved,
      this.#error.element,
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
    this.#title.tabIndex = -1;
    this.#title.focus();
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
    const { title, trigger } = namesOf({ ...run, firstStep: run.steps[0] });
    setText(this.#title, title);
    this.#state.show(run.state);
    setText(this.#trigger, trigger && text("run.trigger", { trigger }));
    this.#trigger.hidden = trigger === "";
    this.#error.show(run.error);
    this.#unsaved.hidden = run.unsavedReason === undefined;
    setText(this.#unsaved, run.unsavedReason === undefined ? "" : text("run.unsaved", { reason: run.unsavedReason }));
    this.#showActions(run);
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

  #showActions(run: ShownRun): void {
    this.#actions.show(run);
    for (const [one, reason] of [
      [this.#edit, run.blocked.rerun],
      [this.#delete, run.blocked.delete],
    ] as const) {
      one.setAttribute("aria-disabled", String(reason !== undefined));
      one.title = reason === undefined ? "" : text(`blocked.${reason}`);
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
    const duration = formatDuration((run.endedAt ?? now) - run.startedAt);
    setText(this.#times, text("run.times", { start: formatStart(run.startedAt), duration }));
    this.#gantt.show({ ...run, steps: timelineSteps(run.steps) }, now);
    this.#cost.show(run, now);
    this.#tabs.setHidden("cost", this.#cost.isEmpty);
  }

  #reveal(stepId: string): void {
    this.#tabs.show("steps");
    this.#options.onTab("steps");
    this.#steps.get(stepId)?.reveal();
  }

  #acted(action: RunAction, run: RunRecord): void {
    if (action === "rerun") {
      this.#options.open(run.runId);
    } else {
      void this.refresh();
    }
  }

  async #editInputs(): Promise<void> {
    if (this.#run && this.#run.blocked.rerun === undefined) {
      await openRerunDialog(this.#run, (run) => this.#options.open(run.runId)).catch((error: unknown) =>
        this.#actions.fail(reasonOf(error)),
      );
    }
  }

  async #deleteRun(): Promise<void> {
    if (this.#run?.blocked.delete !== undefined) {
      return;
    }
    if (await confirm(text("bulk.deleteAsk", { number: 1 }), text("action.delete"), "trash")) {
      try {
        await deleteRun(this.runId);
        this.#options.open(undefined);
      } catch (error) {
        this.#actions.fail(reasonOf(error));
      }
    }
  }
}
