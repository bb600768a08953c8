import { currentSteps, type StepRecord } from "../../records/run-record.ts";
import { element, setText } from "../parts/dom.ts";
import { moveFocus, startRoving } from "../parts/roving-focus.ts";
import { stateCharacter, stateWord } from "../parts/state-icon.ts";
import { stepLine } from "../parts/step-line.ts";

/** The steps of a run as one row of buttons; below it, what the chosen one does. It follows the run until the user chooses a step. */
export class Strip {
  readonly element = element("div", { class: "lightly-runs-steps-strip" });
  readonly #row = element("div", { class: "lightly-runs-strip", role: "group" });
  readonly #name = element("strong");
  readonly #what = element("span", { class: "lightly-runs-strip-what" });
  readonly #chosen: (step: StepRecord) => void;
  readonly #buttons = new Map<string, HTMLButtonElement>();
  #steps: readonly StepRecord[] = [];
  #choice: string | undefined;

  /** @param chosen - called with the step that the user has chosen */
  constructor(label: string, chosen: (step: StepRecord) => void) {
    this.#chosen = chosen;
    this.#row.setAttribute("aria-label", label);
    const line = element(
      "div",
      { class: "lightly-runs-strip-line", role: "status", "aria-live": "off" },
      this.#name,
      " ",
      this.#what,
    );
    this.element.append(this.#row, line);
    this.#row.addEventListener("keydown", (event) => moveFocus(event, [...this.#buttons.values()]));
  }

  show(steps: readonly StepRecord[], now: number): void {
    this.#steps = currentSteps(steps);
    const ids = new Set(this.#steps.map(({ stepId }) => stepId));
    const isSame = ids.size === this.#buttons.size && [...ids].every((id) => this.#buttons.has(id));
    if (!isSame) {
      this.#buttons.clear();
      this.#row.replaceChildren(...this.#steps.map((step) => this.#button(step)));
      startRoving([...this.#buttons.values()]);
    }
    for (const step of this.#steps) {
      const one = this.#buttons.get(step.stepId);
      if (one) {
        one.dataset.state = step.state;
        setText(one, stateCharacter(step.state));
        one.title = `${step.name}: ${stateWord(step.state)}`;
        one.setAttribute("aria-label", one.title);
      }
    }
    this.tick(now);
  }

  /** Updates the line of a running step. */
  tick(now: number): void {
    const step = this.#shown;
    for (const [id, one] of this.#buttons) {
      one.setAttribute("aria-pressed", String(id === step?.stepId));
    }
    setText(this.#name, step?.name ?? "");
    setText(this.#what, step === undefined ? "" : stepLine(step, now));
  }

  /** Chooses a step. */
  choose(stepId: string): void {
    this.#choice = stepId;
    this.tick(Date.now());
    const step = this.#shown;
    if (step) {
      this.#chosen(step);
    }
  }

  /** The selected step, otherwise the most important one: a failed one, a running one, the last one. */
  get #shown(): StepRecord | undefined {
    return (
      this.#steps.find(({ stepId }) => stepId === this.#choice) ??
      this.#steps.find(({ state }) => state === "failed") ??
      this.#steps.findLast(({ state }) => state === "running") ??
      this.#steps.at(-1)
    );
  }

  #button({ stepId }: StepRecord): HTMLButtonElement {
    const one = element("button", { type: "button" });
    one.dataset.step = stepId;
    one.addEventListener("click", () => this.choose(stepId));
    this.#buttons.set(stepId, one);
    return one;
  }
}
