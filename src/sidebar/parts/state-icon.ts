import type { RunState, StepState } from "../../runs/records/run-record.ts";
import { element } from "./dom.ts";
import { text } from "./editor.ts";
import { type ShownState, shownState } from "./shown-state.ts";

/** A state's icon by its name in Font Awesome 4.7, and its character there. */
const ICONS: Readonly<Record<ShownState<RunState | StepState>, readonly [name: string, character: string]>> = {
  running: ["play-circle", "\uf144"],
  working: ["play-circle", "\uf144"],
  completed: ["check-circle", "\uf058"],
  failed: ["times-circle", "\uf057"],
  aborted: ["ban", "\uf05e"],
  interrupted: ["pause-circle", "\uf28b"],
  skipped: ["step-forward", "\uf051"],
  otherwise: ["exclamation-triangle", "\uf071"],
};

/** The same for SVG. */
export function stateCharacter(state: ShownState<StepState>): string {
  return ICONS[state][1];
}

/** A state's word: of what ended otherwise, in Lightly's word how. */
export function stateWord(state: RunState | StepState, endedOtherwise?: string): string {
  return endedOtherwise === undefined ? text(`state.${state}`) : text("state.otherwise", { end: endedOtherwise });
}

/** A state as icon, word and colour: no one of them has to be told apart alone. */
export class StateMark {
  readonly element = element("span", { class: "lightly-runs-state" });
  readonly #icon = element("i", { "aria-hidden": "true" });
  readonly #word = element("span");
  #shown: string | undefined;

  constructor() {
    this.element.append(this.#icon, " ", this.#word);
  }

  /** @param endedOtherwise - how its Lightly run ended, unless as it should */
  show(state: RunState | StepState, endedOtherwise?: string): void {
    const word = stateWord(state, endedOtherwise);
    if (word !== this.#shown) {
      const shown = shownState({ state, endedOtherwise });
      this.#shown = word;
      this.element.dataset.state = shown;
      this.#icon.className = `fa fa-${ICONS[shown][0]}`;
      this.#word.textContent = word;
    }
  }
}
