import type { RunRecord } from "../../runs/records/run-record.ts";
import { currentSteps } from "../../runs/records/run-record.ts";
import { selectionOf } from "../../runs/records/selections.ts";
import { CostView } from "../cost/cost-view.ts";
import { createGallery, type Gallery } from "../gallery/gallery.ts";
import { Gantt } from "../gantt/gantt.ts";
import { button, element, setText } from "../parts/dom.ts";
import { formatDuration } from "../parts/duration.ts";
import { editor, flowOf, text } from "../parts/editor.ts";
import { type AccountPages, fetchRun, RequestError, type RunAction } from "../parts/requests.ts";
import { StateMark } from "../parts/state-icon.ts";
import { formatStart } from "../parts/times.ts";
import { triggerLabel } from "../parts/trigger-label.ts";
import { ActionBar } from "./action-bar.ts";
import { ErrorView } from "./error-view.ts";
import { StepView } from "./step-view.ts";

export interface RunPageOptions {
  readonly runId: string;
  readonly back: () => void;
  readonly acted: (action: RunAction, run: RunRecord) => void;
  /** The web consoles of all accounts, by node id. */
  readonly accounts: Readonly<Record<string, AccountPages>>;
}

/** The page of one run. */
export class RunPage {
  readonly element = element("div", { class: "lightly-runs-page lightly-runs-run" });
  readonly runId: string;
  readonly #title = element("h2");
  readonly #state = new StateMark();
  readonly #times = element("span");
  readonly #trigger = element("div", { class: "lightly-runs-faint" });
  readonly #error = new ErrorView();
  readonly #unsaved = element("div", { class: "lightly-runs-error lightly-runs-stale", role: "status" });
  readonly #notice = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #actions: ActionBar;
  readonly #gantt = new Gantt((stepId) => this.#steps.get(stepId)?.reveal());
  readonly #cost = new CostView();
  readonly #list = element("ol", { class: "lightly-runs-steps" });
  readonly #steps = new Map<string, StepView>();
  readonly #pagesOf: (nodeId: string) => AccountPages;
  readonly #back: HTMLButtonElement;
  readonly #frames = element("div", { class: "lightly-runs-frames" });
  /** The gallery, and the ids of the steps whose selections it shows. */
  #gallery: { readonly stepIds: string; readonly view: Gallery } | undefined;
  #run: RunRecord | undefined;
  #isFetching = false;
  #isStale = false;
  #isDestroyed = false;

  constructor({ runId, back, acted, accounts }: RunPageOptions) {
    this.runId = runId;
    this.#actions = new ActionBar(runId, acted);
    this.#back = button("chevron-left", text("title"), back);
    this.#pagesOf = (nodeId) => accounts[String(editor.nodes.node(nodeId)?.account ?? "")] ?? {};
    this.#notice.hidden = true;
    this.#gantt.element.setAttribute("aria-label", text("gantt.title"));
    this.element.append(
      element("div", { class: "lightly-runs-head" }, this.#back, this.#title),
      element("div", { class: "lightly-runs-facts" }, this.#state.element, this.#times),
      this.#trigger,
      element("div", { class: "lightly-runs-faint lightly-runs-id" }, text("run.id"), " ", element("code", {}, runId)),
      this.#notice,
      this.#unsaved,
      this.#error.element,
      this.#actions.element,
      element("h3", {}, text("gantt.title")),
      this.#gantt.element as unknown as HTMLElement,
      element("h3", {}, text("run.steps")),
      this.#list,
      this.#frames,
      this.#cost.element,
    );
  }

  /** Call when the page is left. */
  destroy(): void {
    this.#isDestroyed = true;
    this.#gallery?.view.destroy();
  }

  focus(): void {
    this.#back.focus();
  }

  /** Reads the run, and reads it again if it has changed in the meantime. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isFetching) {
      return;
    }
    this.#isFetching = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        this.show(await fetchRun(this.runId));
      }
      this.#notice.hidden = true;
    } catch (error) {
      this.#notice.hidden = false;
      const isRemoved = error instanceof RequestError && error.code === "RUN_NOT_FOUND";
      setText(
        this.#notice,
        text(isRemoved ? "run.removed" : "unreachable", {
          reason: error instanceof Error ? error.message : String(error),
        }),
      );
    } finally {
      this.#isFetching = false;
    }
  }

  show(run: RunRecord): void {
    this.#run = run;
    const now = Date.now();
    setText(this.#title, flowOf(run.steps[0]?.nodeId) || (run.steps[0]?.name ?? ""));
    this.#state.show(run.state);
    this.#trigger.hidden = run.trigger === undefined;
    setText(this.#trigger, text("run.trigger", { trigger: triggerLabel(run.trigger) }));
    this.#error.show(run.error);
    this.#unsaved.hidden = run.unsavedReason === undefined;
    setText(this.#unsaved, run.unsavedReason === undefined ? "" : text("run.unsaved", { reason: run.unsavedReason }));
    this.#actions.show(run);
    const current = new Set(currentSteps(run.steps));
    for (const step of run.steps) {
      const existing = this.#steps.get(step.stepId);
      const view = existing ?? new StepView(step, this.#pagesOf);
      if (!existing) {
        this.#steps.set(step.stepId, view);
        this.#list.append(view.element);
      }
      view.show(step, now, !current.has(step));
    }
    this.#showTimes(run, now);
    this.#showFrames(run);
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

  /** Shows the selections of completed steps, and reloads them when there are new ones. */
  #showFrames({ steps }: RunRecord): void {
    const selected = steps.filter((step) => {
      return step.state === "completed" && step.role === "select" && selectionOf(step).length > 0;
    });
    const stepIds = selected.map(({ stepId }) => stepId).join();
    if (this.#isDestroyed || stepIds === (this.#gallery?.stepIds ?? "")) {
      return;
    }
    this.#gallery?.view.destroy();
    const container = element("div");
    this.#frames.replaceChildren(element("h3", {}, text("gallery.title")), container);
    this.#gallery = {
      stepIds,
      view: createGallery(container, this.runId, (key, values) => text(`gallery.${key}`, values)),
    };
  }

  #showTimes(run: RunRecord, now: number): void {
    const duration = formatDuration((run.endedAt ?? now) - run.startedAt);
    setText(this.#times, text("run.times", { start: formatStart(run.startedAt), duration }));
    this.#gantt.show(run, now);
    this.#cost.show(run, now);
  }
}
