import type { StepProgress } from "../../records/progress.ts";
import type { StepRecord } from "../../records/run-record.ts";
import { host, nodeToOpen, text } from "../host/host.ts";
import { element, icon, setText } from "../parts/dom.ts";
import type { AccountPages } from "../parts/requests/requests.ts";
import { StateMark } from "../parts/state-icon.ts";
import { progressLine, resultLine } from "../parts/step-line.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { ErrorView } from "./error-view.ts";
import { InputView } from "./input-view.ts";
import { JsonView } from "./json-view.ts";
import { LogView } from "./log-view.ts";
import { PhasesView } from "./phases-view.ts";
import { SkipView } from "./skip-view.ts";
import { stepLinks } from "./step-links.ts";
import { StudioView } from "./studio-view.ts";

/** A step of a run: one line that unfolds to all details. */
export class StepView {
  readonly element = element("li", { class: "lightly-runs-step" });
  readonly #head = element("button", { type: "button", class: "lightly-runs-step-head", "aria-expanded": "false" });
  readonly #body = element("div", { class: "lightly-runs-step-body" });
  readonly #state = new StateMark();
  readonly #name = element("span", { class: "lightly-runs-name" });
  readonly #what = element("span", { class: "lightly-runs-what" });
  readonly #duration = element("span", { class: "lightly-runs-duration" });
  readonly #progress = element("div", { class: "lightly-runs-progress" });
  readonly #bytes = element("progress");
  readonly #progressText = element("span");
  readonly #notes = element("div", { class: "lightly-runs-faint" });
  readonly #error = new ErrorView();
  readonly #skip = new SkipView();
  readonly #phases = new PhasesView();
  readonly #studio: StudioView;
  readonly #links = element("div", { class: "lightly-runs-links" });
  readonly #log = new LogView();
  readonly #input: InputView;
  readonly #result = new JsonView(text("step.result"));
  readonly #checkpoint = new JsonView(text("step.checkpoint"));
  readonly #details = new JsonView(text("step.details"));
  readonly #pagesOf: (nodeId: string) => AccountPages;
  #step: StepRecord;
  #isReplaced = false;
  #isRunError = false;

  constructor(step: StepRecord, pagesOf: (nodeId: string) => AccountPages) {
    this.#step = step;
    this.#pagesOf = pagesOf;
    this.#input = new InputView(step.stepId);
    const id = `lightly-runs-step-${step.stepId.replaceAll(/\W/g, "-")}`;
    this.#body.id = id;
    this.#studio = new StudioView(id);
    this.#body.hidden = true;
    this.#head.setAttribute("aria-controls", id);
    this.#head.append(icon("angle-right"), this.#state.element, this.#name, this.#what, this.#duration);
    this.#head.addEventListener("click", () => this.open(this.#head.getAttribute("aria-expanded") === "false"));
    this.#bytes.setAttribute("aria-label", text("step.progress"));
    this.#progress.append(this.#bytes, this.#progressText);
    this.#body.append(
      this.#notes,
      this.#error.element,
      this.#skip.element,
      this.#studio.element,
      this.#links,
      this.#log.element,
      this.#input.element,
      this.#result.element,
      this.#checkpoint.element,
      this.#details.element,
    );
    this.element.append(this.#head, this.#phases.element, this.#progress, this.#body);
  }

  open(isOpen: boolean): void {
    this.#body.hidden = !isOpen;
    this.#head.setAttribute("aria-expanded", String(isOpen));
    this.show(this.#step, Date.now(), this.#isReplaced, this.#isRunError);
  }

  /** Unfolds the step and scrolls to it. */
  reveal(): void {
    this.open(true);
    this.#head.focus();
    this.element.scrollIntoView({ block: "nearest" });
  }

  /**
   * @param isReplaced - whether a retry has replaced the step or one of its ancestors
   * @param isRunError - whether the error of the step is shown already, as the error of the run
   */
  show(step: StepRecord, now: number, isReplaced: boolean, isRunError = false): void {
    this.#isRunError = isRunError;
    this.#step = step;
    this.#isReplaced = isReplaced;
    this.element.dataset.step = step.stepId;
    this.element.classList.toggle("lightly-runs-replaced", isReplaced);
    this.#state.show(step.state);
    setText(this.#name, step.name);
    this.tick(now);
    this.#phases.show(step, now, !this.#body.hidden);
    this.#studio.show(step);
    this.#showProgress(step.state === "running" ? step.progress : undefined);
    if (!this.#body.hidden) {
      this.#showBody(step);
    }
  }

  /** Updates the duration of a running step. */
  tick(now: number): void {
    const { startedAt, endedAt } = this.#step;
    setText(this.#duration, formatDuration((endedAt ?? now) - startedAt));
    setText(this.#what, this.#step.state === "completed" ? resultLine(this.#step) : "");
  }

  #showProgress(progress: StepProgress | undefined): void {
    this.#progress.hidden = progress === undefined;
    const { loadedBytes, totalBytes } = progress ?? {};
    const isKnown = loadedBytes !== undefined && totalBytes !== undefined && totalBytes > 0;
    this.#bytes.hidden = !isKnown;
    if (isKnown) {
      this.#bytes.max = totalBytes;
      this.#bytes.value = loadedBytes;
    }
    setText(this.#progressText, progress === undefined ? "" : progressLine(progress));
  }

  #showBody(step: StepRecord): void {
    const { attempt, resumeCount } = step;
    // The error of a skipped step is the reason why it was skipped.
    const error = step.state === "skipped" ? undefined : step.error;
    const notes = [
      attempt === undefined ? "" : text("step.attempt", { attempt }),
      resumeCount === undefined ? "" : text("step.resumed", { count: resumeCount }),
      this.#isReplaced ? text("step.replaced") : "",
    ];
    setText(this.#notes, notes.filter(Boolean).join(" · "));
    this.#notes.hidden = this.#notes.textContent === "";
    this.#error.show(this.#isRunError ? undefined : error);
    this.#skip.show(step);
    this.#showLinks(step);
    this.#log.show(step.log ?? []);
    this.#result.show(step.result);
    this.#checkpoint.show(step.checkpoint);
    this.#details.show(error?.details);
  }

  /** The editor opens the flow of the node, and selects it. */
  #nodeLink(nodeId: string): HTMLAnchorElement {
    const address = host().address(`#node/${encodeURIComponent(nodeId)}`);
    return element("a", { href: address, target: "_blank" }, icon("sitemap"), ` ${text("step.reveal")}`);
  }

  #showLinks(step: StepRecord): void {
    const links = stepLinks(step, this.#pagesOf(step.nodeId));
    const nodeId = nodeToOpen(step);
    const now = JSON.stringify([links, nodeId]);
    if (this.#links.dataset.shown === now) {
      return;
    }
    this.#links.dataset.shown = now;
    const toNode = nodeId === undefined ? [] : [this.#nodeLink(nodeId)];
    this.#links.replaceChildren(
      ...toNode,
      ...links.map(({ what, name, url }) => {
        const label = text(`link.${what}`, { name });
        return element(
          "a",
          { href: url, target: "_blank", rel: "noopener noreferrer" },
          icon("external-link"),
          ` ${label}`,
        );
      }),
    );
  }
}
