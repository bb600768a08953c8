import type { RunRecord } from "../../runs/records/run-record.ts";
import { currentSteps } from "../../runs/records/run-record.ts";
import { CostView } from "../cost/cost-view.ts";
import { createGallery, type Gallery } from "../gallery/gallery.ts";
import { Gantt } from "../gantt/gantt.ts";
import { button, element, setText } from "../parts/dom.ts";
import { formatDuration } from "../parts/duration.ts";
import { editor, flowOf, text } from "../parts/editor.ts";
import { fetchRun, type Place, RequestError, type RunAction } from "../parts/requests.ts";
import { StateMark } from "../parts/state-icon.ts";
import { formatStart } from "../parts/times.ts";
import { triggerName } from "../parts/trigger-name.ts";
import { ActionBar } from "./action-bar.ts";
import { ErrorView } from "./error-view.ts";
import { StepView } from "./step-view.ts";

export interface RunPageOptions {
  readonly runId: string;
  readonly back: () => void;
  readonly acted: (action: RunAction, run: RunRecord) => void;
  /** The places of all accounts, by their ids. */
  readonly places: Readonly<Record<string, Place>>;
}

/** All about one run. */
export class RunPage {
  readonly element = element("div", { class: "lightly-runs-page lightly-runs-run" });
  readonly runId: string;
  readonly #title = element("h2");
  readonly #state = new StateMark();
  readonly #times = element("span");
  readonly #trigger = element("div", { class: "lightly-runs-faint" });
  readonly #error = new ErrorView();
  readonly #unsavedReason = element("div", { class: "lightly-runs-error lightly-runs-stale", role: "status" });
  readonly #notice = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #actions: ActionBar;
  readonly #gantt = new Gantt((stepId) => this.#steps.get(stepId)?.reveal());
  readonly #cost = new CostView();
  readonly #list = element("ol", { class: "lightly-runs-steps" });
  readonly #steps = new Map<string, StepView>();
  readonly #place: (nodeId: string) => Place;
  readonly #back: HTMLButtonElement;
  readonly #frames = element("div", { class: "lightly-runs-frames" });
  /** The gallery, and the selections that it shows. */
  #gallery: { readonly of: string; readonly view: Gallery } | undefined;
  #run: RunRecord | undefined;
  #isFetching = false;
  #isStale = false;
  #isLeft = false;

  constructor({ runId, back, acted, places }: RunPageOptions) {
    this.runId = runId;
    this.#actions = new ActionBar(runId, acted);
    this.#back = button("chevron-left", text("title"), back);
    this.#place = (nodeId) => places[String(editor.nodes.node(nodeId)?.account ?? "")] ?? {};
    this.#notice.hidden = true;
    this.#gantt.element.setAttribute("aria-label", text("gantt.title"));
    this.element.append(
      element("div", { class: "lightly-runs-head" }, this.#back, this.#title),
      element("div", { class: "lightly-runs-facts" }, this.#state.element, this.#times),
      this.#trigger,
      element("div", { class: "lightly-runs-faint lightly-runs-id" }, text("run.id"), " ", element("code", {}, runId)),
      this.#notice,
      this.#unsavedReason,
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

  /** To be called when the page is left. */
  destroy(): void {
    this.#isLeft = true;
    this.#gallery?.view.destroy();
  }

  focus(): void {
    this.#back.focus();
  }

  /** Reads the run again; what changes meanwhile is read once more. */
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
      const isGone = error instanceof RequestError && error.code === "RUN_NOT_FOUND";
      setText(
        this.#notice,
        text(isGone ? "run.gone" : "unreachable", { reason: error instanceof Error ? error.message : String(error) }),
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
    setText(this.#trigger, text("run.trigger", { trigger: triggerName(run.trigger) }));
    this.#error.show(run.error);
    this.#unsavedReason.hidden = run.unsavedReason === undefined;
    setText(
      this.#unsavedReason,
      run.unsavedReason === undefined ? "" : text("run.unsavedReason", { reason: run.unsavedReason }),
    );
    this.#actions.show(run);
    const current = new Set(currentSteps(run.steps));
    for (const step of run.steps) {
      const known = this.#steps.get(step.stepId);
      const view = known ?? new StepView(step, this.#place);
      if (!known) {
        this.#steps.set(step.stepId, view);
        this.#list.append(view.element);
      }
      view.show(step, now, !current.has(step));
    }
    this.#showTimes(run, now);
    this.#showFrames(run);
  }

  /** Lets grow what grows with time. */
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

  /** Of the steps that have selected something; again when there are others. */
  #showFrames({ steps }: RunRecord): void {
    const made = steps.filter(({ type, state, result }) => {
      return state === "completed" && type === "lightly-run" && "tag" in Object(result?.lightly);
    });
    const of = made.map(({ stepId }) => stepId).join();
    if (this.#isLeft || of === (this.#gallery?.of ?? "")) {
      return;
    }
    this.#gallery?.view.destroy();
    const container = element("div");
    this.#frames.replaceChildren(element("h3", {}, text("gallery.title")), container);
    this.#gallery = { of, view: createGallery(container, this.runId, (key, values) => text(`gallery.${key}`, values)) };
  }

  #showTimes(run: RunRecord, now: number): void {
    const duration = formatDuration((run.endedAt ?? now) - run.startedAt);
    setText(this.#times, text("run.times", { start: formatStart(run.startedAt), duration }));
    this.#gantt.show(run, now);
    this.#cost.show(run, now);
  }
}
