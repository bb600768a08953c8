import type { RunRecord } from "../../runs/records/run-record.ts";
import { button, element, setText } from "../parts/dom.ts";
import { canWrite, hasNode, text } from "../parts/editor.ts";
import { act, type RunAction } from "../parts/requests.ts";
import { possibleActions } from "./run-actions.ts";

const ICONS: Readonly<Record<RunAction, string>> = { abort: "stop", retry: "repeat", rerun: "play" };

/** The buttons of a run's page. Errors are shown below them, and abort asks for confirmation. */
export class ActionBar {
  readonly element = element("div", { class: "lightly-runs-actions" });
  readonly #buttons: Readonly<Record<RunAction, HTMLButtonElement>>;
  readonly #question = element("div", { class: "lightly-runs-question", role: "group" });
  readonly #failure = element("div", { class: "lightly-runs-error", role: "alert" });
  readonly #acted: (action: RunAction, run: RunRecord) => void;
  readonly #runId: string;
  #isBusy = false;
  #run: RunRecord | undefined;

  /** @param acted - called with the run that an action has returned */
  constructor(runId: string, acted: (action: RunAction, run: RunRecord) => void) {
    this.#runId = runId;
    this.#acted = acted;
    this.#buttons = {
      abort: button(ICONS.abort, text("action.abort"), () => this.#ask()),
      retry: button(ICONS.retry, text("action.retry"), () => void this.#do("retry")),
      rerun: button(ICONS.rerun, text("action.rerun"), () => void this.#do("rerun")),
    };
    this.#failure.hidden = true;
    this.#prepareQuestion();
    this.element.append(element("div", {}, ...Object.values(this.#buttons)), this.#question, this.#failure);
    // A user without write permission has no use for the buttons.
    this.element.hidden = !canWrite();
  }

  show(run: RunRecord): void {
    this.#run = run;
    const possible = possibleActions(run, hasNode);
    for (const [action, one] of Object.entries(this.#buttons)) {
      one.disabled = this.#isBusy || !possible.has(action as RunAction);
    }
    if (!possible.has("abort")) {
      this.#question.hidden = true;
    }
  }

  #prepareQuestion(): void {
    const yes = button("stop", text("action.abortYes"), () => {
      this.#question.hidden = true;
      void this.#do("abort");
    });
    yes.classList.add("primary");
    const no = button("undo", text("action.abortNo"), () => this.#dismiss());
    this.#question.setAttribute("aria-label", text("action.abortAsk"));
    this.#question.append(element("p", {}, text("action.abortAsk")), yes, no);
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

  async #do(action: RunAction): Promise<void> {
    this.#failure.hidden = true;
    this.#setBusy(true);
    try {
      const run = await act(this.#runId, action);
      this.#setBusy(false);
      this.#acted(action, run);
    } catch (error) {
      this.#setBusy(false);
      this.#failure.hidden = false;
      setText(this.#failure, error instanceof Error ? error.message : String(error));
    }
  }

  #setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    if (this.#run) {
      this.show(this.#run);
    }
  }
}
