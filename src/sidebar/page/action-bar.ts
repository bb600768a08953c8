import type { RunRecord } from "../../records/run-record.ts";
import { host, text } from "../host/host.ts";
import { reasonOf } from "../host/request-error.ts";
import { button, element, setText } from "../parts/dom.ts";
import { act, type RunAction, type ShownRun } from "../parts/requests/requests.ts";

const ICONS = { abort: "stop", retry: "repeat", rerun: "play" } as const;
type Action = keyof typeof ICONS;

export interface ActionBarOptions {
  readonly runId: string;
  /** Called with the run that an action has returned. */
  readonly acted: (action: RunAction, run: RunRecord) => void;
}

/** The buttons of a run. One that can't be used says why. Errors are shown below them, and abort asks for confirmation. */
export class ActionBar {
  readonly element = element("div", { class: "lightly-runs-actions" });
  readonly buttons = element("div", { class: "lightly-runs-buttons" });
  readonly #buttons: Readonly<Record<Action, HTMLButtonElement>>;
  readonly #question = element("div", { class: "lightly-runs-question", role: "group" });
  readonly #failure = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #options: ActionBarOptions;
  #isBusy = false;
  #run: ShownRun | undefined;

  constructor(options: ActionBarOptions) {
    this.#options = options;
    this.#buttons = {
      abort: button(ICONS.abort, text("action.abort"), () => this.#ask()),
      retry: button(ICONS.retry, text("action.retry"), () => void this.#do("retry")),
      rerun: button(ICONS.rerun, text("action.rerun"), () => void this.#do("rerun")),
    };
    for (const one of Object.values(this.#buttons)) {
      // Unlike `disabled`, this lets the keyboard and the pointer reach the reason.
      one.addEventListener("click", (event) => isOff(one) && event.stopImmediatePropagation(), { capture: true });
    }
    this.#failure.hidden = true;
    this.#prepareQuestion();
    this.buttons.append(...Object.values(this.#buttons));
    this.element.append(this.buttons, this.#question, this.#failure);
    // A user without write permission has no use for the buttons.
    this.element.hidden = !host().canWrite();
  }

  show(run: ShownRun): void {
    this.#run = run;
    for (const [action, one] of Object.entries(this.#buttons) as [Action, HTMLButtonElement][]) {
      const reason = run.blocked[action];
      one.setAttribute("aria-disabled", String(this.#isBusy || reason !== undefined));
      one.title = reason === undefined ? text(`action.${action}Hint`) : text(`blocked.${reason}`);
    }
    if (run.blocked.abort !== undefined) {
      this.#question.hidden = true;
    }
  }

  /** Shows why something has failed. */
  fail(reason: string | undefined): void {
    this.#failure.hidden = reason === undefined;
    setText(this.#failure, reason ?? "");
  }

  #prepareQuestion(): void {
    const yes = button("stop", text("action.abortYes"), () => {
      this.#question.hidden = true;
      void this.#do("abort");
    });
    yes.classList.add("primary");
    const no = button("undo", text("action.abortNo"), () => this.#dismiss());
    this.#question.setAttribute("aria-label", text("action.abortAsk"));
    this.#question.append(
      element("p", {}, text("action.abortAsk")),
      element("div", { class: "lightly-runs-buttons" }, yes, no),
    );
    this.#question.hidden = true;
    this.#question.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") {
        this.#dismiss();
      }
    });
  }

  #ask(): void {
    this.#question.hidden = false;
    this.#question.querySelector("button")?.focus();
  }

  #dismiss(): void {
    this.#question.hidden = true;
    this.#buttons.abort.focus();
  }

  async #do(action: Action): Promise<void> {
    this.fail(undefined);
    this.#setBusy(true);
    try {
      const run = await act(this.#options.runId, action);
      this.#setBusy(false);
      this.#options.acted(action, run);
    } catch (error) {
      this.#setBusy(false);
      this.fail(reasonOf(error));
    }
  }

  #setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    if (this.#run) {
      this.show(this.#run);
    }
  }
}

/** Whether a button can't be used now. */
export function isOff(one: Element): boolean {
  return one.getAttribute("aria-disabled") === "true";
}
