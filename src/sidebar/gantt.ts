import { stepEndedOtherwise } from "../runs/ended-otherwise.ts";
import type { RunRecord, StepRecord, StepState } from "../runs/run-record.ts";
import { svgElement } from "./dom.ts";
import { formatDuration } from "./duration.ts";
import { text } from "./editor.ts";
import { type Bar, type GanttLayout, type Lane, layOut } from "./gantt-layout.ts";
import { type ShownState, shownState } from "./shown-state.ts";
import { stateCharacter, stateWord } from "./state-icon.ts";

const AXIS_PX = 16;
const LANE_PX = 34;
const BAR_PX = 12;

/** The steps of a run over time: a lane for each node, states by colour, pattern and icon. */
export class Gantt {
  readonly element = svgElement("svg", { class: "lightly-runs-gantt", role: "img" });
  readonly #open: (stepId: string) => void;
  readonly #grid = svgElement("g");
  readonly #lanes = svgElement("g");
  readonly #bars = new Map<string, readonly SVGRectElement[]>();
  #drawn = "";

  /** @param open - called with the step whose bar is clicked; by keyboard they are reached in the list below */
  constructor(open: (stepId: string) => void) {
    this.#open = open;
    this.element.append(patterns(), this.#grid, this.#lanes);
  }

  show(run: RunRecord, now: number): void {
    const layout = layOut(run, now);
    const height = AXIS_PX + layout.lanes.length * LANE_PX;
    this.element.setAttribute("height", String(height));
    this.element.setAttribute("aria-label", text("gantt.label", { number: layout.lanes.length }));
    this.#grid.replaceChildren(...grid(layout, height));
    const what = run.steps.map((step) => [step.stepId, step.state, step.attempt, step.resumed, step.redoneBy].join());
    // While only time passes the bars stay, and with them the tooltip that somebody reads.
    if (what.join(";") !== this.#drawn) {
      this.#drawn = what.join(";");
      this.#bars.clear();
      this.#lanes.replaceChildren(...layout.lanes.map((lane, index) => this.#lane(lane, index)));
    }
    for (const bar of layout.lanes.flatMap(({ bars }) => bars)) {
      for (const rect of this.#bars.get(bar.step.stepId) ?? []) {
        rect.setAttribute("x", percent(bar.left));
        rect.setAttribute("width", percent(bar.width));
      }
    }
  }

  #lane({ name, bars }: Lane, index: number): SVGElement {
    const top = AXIS_PX + index * LANE_PX;
    const last = bars.at(-1)?.step;
    const label = svgElement("text", { x: "0", y: String(top + 13), class: "lightly-runs-lane" });
    if (last) {
      const state = shownStateOf(last);
      const character = svgElement("tspan", { class: "lightly-runs-glyph", "data-state": state });
      character.append(stateCharacter(state));
      label.append(character, " ", name, marksOf(last));
    }
    return svgElement("g", {}, label, ...bars.map((bar) => this.#bar(bar, top + 18)));
  }

  #bar({ step }: Bar, top: number): SVGElement {
    const size = { y: String(top), height: String(BAR_PX), rx: "2" };
    const state = shownStateOf(step);
    const fill = svgElement("rect", { ...size, class: "lightly-runs-bar", "data-state": state });
    const pattern = svgElement("rect", { ...size, fill: `url(#lightly-runs-${state})` });
    this.#bars.set(step.stepId, [fill, pattern]);
    const group = svgElement("g", { class: step.redoneBy ? "lightly-runs-redone" : "" });
    group.append(svgElement("title", {}, tooltip(step)), fill, pattern);
    group.addEventListener("click", () => this.#open(step.stepId));
    return group;
  }
}

function shownStateOf(step: StepRecord): ShownState<StepState> {
  return shownState({ state: step.state, endedOtherwise: stepEndedOtherwise(step) });
}

/** That a step was tried again or taken up again, in a few characters. */
function marksOf({ attempt, resumed }: StepRecord): string {
  const tries = attempt === undefined ? "" : ` · ${text("step.attempt", { attempt })}`;
  return resumed === undefined ? tries : `${tries} · ${text("step.resumed", { number: resumed })}`;
}

function tooltip(step: StepRecord): string {
  const duration = formatDuration((step.endedAt ?? Date.now()) - step.startedAt);
  const redone = step.redoneBy === undefined ? "" : ` · ${text("step.redone")}`;
  return `${step.name}: ${stateWord(step.state, stepEndedOtherwise(step))} · ${duration}${marksOf(step)}${redone}`;
}

function grid({ marks, gaps }: GanttLayout, height: number): SVGElement[] {
  const lines = marks.map(({ at }) => line(at, height, "lightly-runs-grid"));
  const labels = marks
    .filter(({ at }) => at < 0.88)
    .map(({ at, elapsedMs }) => {
      const label = svgElement("text", { x: percent(at), dx: "2", y: "10", class: "lightly-runs-axis" });
      label.append(elapsedMs === 0 ? "0" : formatDuration(elapsedMs));
      return label;
    });
  return [...lines, ...labels, ...gaps.map((at) => line(at, height, "lightly-runs-gap"))];
}

function line(at: number, height: number, className: string): SVGElement {
  return svgElement("line", { x1: percent(at), x2: percent(at), y1: "0", y2: String(height), class: className });
}

/** What tells the states apart without colours: completed is plain. */
function patterns(): SVGElement {
  const paths: Readonly<Record<string, string>> = {
    failed: "M0 0 L6 6 M6 0 L0 6",
    aborted: "M0 6 L6 0",
    interrupted: "M2 0 V6",
    working: "M0 3 H3",
    otherwise: "M3 0 L6 3 L3 6 L0 3 Z",
  };
  const made = Object.entries(paths).map(([state, d]) =>
    svgElement(
      "pattern",
      { id: `lightly-runs-${state}`, width: "6", height: "6", patternUnits: "userSpaceOnUse" },
      svgElement("path", { d, class: "lightly-runs-pattern" }),
    ),
  );
  const none = svgElement("pattern", { id: "lightly-runs-completed", width: "6", height: "6" });
  return svgElement("defs", {}, ...made, none);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(2)}%`;
}
