import type { RunState, StepState } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { element } from "./dom.ts";

/** The icon of each state in Font Awesome 4.7: its name and its character. */
const ICONS: Readonly<Record<RunState | StepState, readonly [name: string, character: string]>> = {
  running: ["play-circle", "\uf144"],
  completed: ["check-circle", "\uf058"],
  failed: ["times-circle", "\uf057"],
  aborted: ["ban", "\uf05e"],
  interrupted: ["pause-circle", "\uf28b"],
  skipped: ["step-forward", "\uf051"],
};

/** The icon of a state as a character, for SVG. */
export function stateCharacter(state: StepState): string {
  return ICONS[state][1];
}

/** The name of a state in the user's language. */
export function stateWord(state: RunState | StepState): string {
  return text(`state.${state}`);
}

/** A state as icon, word and color, so that none of them is needed alone. */
export class StateMark {
  readonly element = element("span", { class: "lightly-runs-state" });
  readonly #icon = element("i", { "aria-hidden": "true" });
  readonly #word = element("span");
  #shown: RunState | StepState | undefined;

  constructor() {
    this.element.append(this.#icon, " ", this.#word);
  }

  show(state: RunState | StepState): void {
    if (state !== this.#shown) {
      this.#shown = state;
      this.element.dataset.state = state;
      this.#icon.className = `fa fa-${ICONS[state][0]}`;
      this.#word.textContent = stateWord(state);
    }
  }
}
