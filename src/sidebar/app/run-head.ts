import { text } from "../host/host.ts";
import { ErrorView } from "../page/error-view.ts";
import { copyButton } from "../parts/copy-button.ts";
import { element, icon, setText, showNotice } from "../parts/dom.ts";
import type { ShownRun } from "../parts/requests/requests.ts";
import { StateMark } from "../parts/state-icon.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { namesOf } from "../parts/texts/run-names.ts";
import { formatStart } from "../parts/texts/times.ts";

interface RunHeadOptions {
  readonly runId: string;
  readonly actions: HTMLElement;
  /** The user goes back to all runs. */
  readonly onBack: () => void;
}

/** The head of a run on the full page: its title, state and actions, its facts, and what is wrong with it. */
export class RunHead {
  readonly elements: readonly HTMLElement[];
  readonly #title = element("h1");
  readonly #state = new StateMark();
  readonly #times = element("span");
  readonly #trigger = element("span");
  readonly #notice = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #unsaved = element("div", { class: "lightly-runs-error lightly-runs-stale", role: "status" });
  readonly #error = new ErrorView();

  constructor({ runId, actions, onBack }: RunHeadOptions) {
    showNotice(this.#notice, undefined);
    this.#unsaved.hidden = true;
    const back = element("a", { class: "lightly-page-back", href: "#" }, icon("angle-left"), ` ${text("title")}`);
    back.addEventListener("click", (event) => {
      event.preventDefault();
      onBack();
    });
    const title = element("div", { class: "lightly-page-title" }, back, this.#title, this.#state.element);
    const id = element(
      "span",
      { class: "lightly-page-id" },
      `${text("run.id")} `,
      element("code", {}, runId),
      copyButton(text("copy.label"), () => runId),
    );
    this.elements = [
      element("div", { class: "lightly-page-head" }, title, actions),
      element("div", { class: "lightly-page-facts" }, this.#times, this.#trigger, id),
      this.#notice,
      this.#unsaved,
      this.#error.element,
    ];
  }

  focus(): void {
    this.#title.tabIndex = -1;
    this.#title.focus();
  }

  /** Shows why the run can't be read; removes that without a reason. */
  notify(reason: string | undefined): void {
    showNotice(this.#notice, reason);
  }

  show(run: ShownRun): void {
    const { title, trigger } = namesOf({ ...run, firstStep: run.steps[0] });
    setText(this.#title, title);
    this.#state.show(run.state);
    setText(this.#trigger, trigger && text("run.trigger", { trigger }));
    this.#trigger.hidden = trigger === "";
    this.#error.show(run.error);
    this.#unsaved.hidden = run.unsavedReason === undefined;
    setText(this.#unsaved, run.unsavedReason === undefined ? "" : text("run.unsaved", { reason: run.unsavedReason }));
  }

  showTimes({ startedAt, endedAt }: Pick<ShownRun, "startedAt" | "endedAt">, now: number): void {
    const duration = formatDuration((endedAt ?? now) - startedAt);
    setText(this.#times, text("run.times", { start: formatStart(startedAt), duration }));
  }
}
