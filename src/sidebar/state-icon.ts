import type { RunState, StepState } from "../runs/run-record.ts";
import { element } from "./dom.ts";
import { text } from "./editor.ts";

/** A state's icon by its name in Font Awesome 4.7, and its character there. */
const ICONS: Readonly<Record<RunState | StepState, readonly [name: string, character: string]>> = {
  running: ["play-circle", "\uf144"],
  working: ["play-circle", "\uf144"],
  completed: ["check-circle", "\uf058"],
  failed: ["times-circle", "\uf057"],
  aborted: ["ban", "\uf05e"],
  interrupted: ["pause-circle", "\uf28b"],
};

/** The same for SVG. */
export function stateCharacter(state: StepState): string {
  return ICONS[state][1];
}

/** A state as icon, word and colour: no one of them has to be told apart alone. */
export class StateMark {
  readonly element = element("span", { class: "lightly-runs-state" });
  readonly #icon = element("i", { "aria-hidden": "true" });
  readonly #word = element("span");
  #state: string | undefined;

  constructor() {
    this.element.append(this.#icon, " ", this.#word);
  }

  show(state: RunState | StepState): void {
    if (state !== this.#state) {
      this.#state = state;
      this.element.dataset.state = state;
      this.#icon.className = `fa fa-${ICONS[state][0]}`;
      this.#word.textContent = text(`state.${state}`);
    }
  }
}
