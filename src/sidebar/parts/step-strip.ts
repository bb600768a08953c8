import type { StepState } from "../../records/run-record.ts";
import { element } from "./dom.ts";
import { stateCharacter, stateWord } from "./state-icon.ts";

/** The steps of a run as small squares, in the color and with the icon of their states. */
export function stepStrip(states: readonly StepState[]): HTMLElement {
  return element(
    "span",
    { class: "lightly-runs-strip", "aria-hidden": "true" },
    ...states.map((state) => element("i", { "data-state": state, title: stateWord(state) }, stateCharacter(state))),
  );
}
