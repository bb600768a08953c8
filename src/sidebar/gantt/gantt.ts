import type { RunRecord, StepRecord } from "../../records/run-record.ts";
import { text } from "../host/host.ts";
import { element, svgElement } from "../parts/dom.ts";
import { focusOne, moveFocus, startRoving } from "../parts/roving-focus.ts";
import { stateCharacter, stateWord } from "../parts/state-icon.ts";
import { formatDuration } from "../parts/texts/duration.ts";
import { phaseWord } from "../parts/texts/phase-word.ts";
import { type Bar, type GanttLayout, type Lane, layOut } from "./gantt-layout.ts";

/** The rectangles of a bar. */
interface Rects {
  readonly whole: readonly [fill: SVGRectElement, pattern: SVGRectElement];
  readonly phases: readonly SVGRectElement[];
}

const AXIS_PX = 16;
const ICON_PX = 15;
/** In pixels: the height of a label above its bars or the width of one beside them; a bar, and a bar with the gap below it. */
const SIZES = {
  above: { labelHeight: 18, labelWidth: 0, bar: 12, row: 16 },
  beside: { labelHeight: 0, labelWidth: 230, bar: 16, row: 26 },
} as const;
/** On a narrower bar, the pattern would cover the color. */
const MIN_PATTERNED = 0.03;

/**
 * The timeline of a run's steps: a lane for each node, and states by color, pattern and icon. A bar opens its step by mouse or keyboard:
 * the tab key focuses the first bar, the arrow keys the others.
 */
export class Gantt {
  readonly element = element("div", { class: "lightly-runs-gantt", role: "group" });
  readonly #open: (stepId: string) => void;
  readonly #size: (typeof SIZES)[keyof typeof SIZES];
  readonly #grid = svgElement("g");
  readonly #labels = svgElement("g");
  readonly #lanes = svgElement("g");
  /** Ordered by lane. */
  readonly #bars = new Map<string, { readonly group: SVGGElement; readonly rects: Rects }>();
  #drawn = "";

  /**
   * @param open - called with the step of the chosen bar
   * @param labels - where the names of the lanes are: above their bars in a narrow panel
   */
  constructor(open: (stepId: string) => void, labels: keyof typeof SIZES = "above") {
    this.#open = open;
    this.#size = SIZES[labels];
    const { labelWidth } = this.#size;
    const area = svgElement("svg", {}, patterns(), this.#grid, this.#lanes);
    if (labelWidth === 0) {
      area.append(this.#labels);
      this.element.append(area);
    } else {
      this.element.append(
        svgElement("svg", { class: "lightly-runs-labels", width: String(labelWidth) }, this.#labels),
        area,
      );
    }
    this.element.addEventListener("keydown", (event) => moveFocus(event, this.#groups));
  }

  show(run: RunRecord, now: number): void {
    const layout = layOut(run, now);
    const tops = this.#topsOf(layout.lanes);
    const height = tops.at(-1) ?? AXIS_PX;
    for (const part of this.element.children) {
      part.setAttribute("height", String(height));
    }
    this.element.setAttribute("aria-label", text("gantt.label", { number: layout.lanes.length }));
    this.#grid.replaceChildren(...grid(layout, height));
    const what = layout.lanes.flatMap(({ bars }) => bars.map((bar) => factsOf(bar).join()));
    // Bars are redrawn only when a step has changed, so that an open tooltip stays.
    if (what.join(";") !== this.#drawn) {
      this.#drawn = what.join(";");
      this.#draw(layout.lanes, tops);
    }
    for (const bar of layout.lanes.flatMap(({ bars }) => bars)) {
      const { whole = [], phases = [] } = this.#bars.get(bar.step.stepId)?.rects ?? {};
      for (const rect of whole) {
        place(rect, bar);
      }
      whole[1]?.setAttribute("visibility", bar.width < MIN_PATTERNED ? "hidden" : "visible");
      for (const [index, rect] of phases.entries()) {
        place(rect, bar.phases[index] ?? { left: 0, width: 0 });
      }
    }
  }

  get #groups(): SVGGElement[] {
    return [...this.#bars.values()].map(({ group }) => group);
  }

  /** Keeps the focus on the bar that has it. */
  #draw(lanes: readonly Lane[], tops: readonly number[]): void {
    const focused = [...this.#bars].find(([, { group }]) => group === document.activeElement)?.[0];
    this.#bars.clear();
    this.#labels.replaceChildren(...lanes.map((lane, index) => this.#label(lane, tops[index] ?? 0)));
    this.#lanes.replaceChildren(...lanes.map((lane, index) => this.#lane(lane, tops[index] ?? 0)));
    startRoving(this.#groups);
    const bar = focused === undefined ? undefined : this.#bars.get(focused);
    if (bar) {
      focusOne(bar.group, this.#groups);
    }
  }

  /** The top of each lane, and the bottom of the last one. */
  #topsOf(lanes: readonly Lane[]): number[] {
    const { labelHeight, row } = this.#size;
    const tops: number[] = [AXIS_PX];
    for (const { rows } of lanes) {
      tops.push((tops.at(-1) ?? 0) + labelHeight + rows * row);
    }
    return tops;
  }

  #label({ name, bars }: Lane, top: number): SVGElement {
    const last = bars.at(-1)?.step;
    const label = svgElement("text", { x: "0", y: String(top + 13), class: "lightly-runs-lane" });
    if (last) {
      const state = last.state;
      const character = svgElement("tspan", { class: "lightly-runs-glyph", "data-state": state });
      character.append(stateCharacter(state));
      const words = svgElement("tspan", { x: String(ICON_PX) });
      words.append(name, marksOf(last));
      label.append(character, words);
    }
    return label;
  }

  #lane({ bars }: Lane, top: number): SVGElement {
    const { labelHeight, row } = this.#size;
    return svgElement("g", {}, ...bars.map((bar) => this.#bar(bar, top + labelHeight + bar.row * row)));
  }

  #bar(bar: Bar, top: number): SVGElement {
    const { step, isReplaced } = bar;
    const size = { y: String(top), height: String(this.#size.bar), rx: "2" };
    const state = step.state;
    const fill = svgElement("rect", { ...size, class: "lightly-runs-bar", "data-state": state });
    const pattern = svgElement("rect", { ...size, fill: `url(#lightly-runs-${state})` });
    const phases = bar.phases.map(() => svgElement("rect", { ...size, class: "lightly-runs-phase" }));
    const className = isReplaced ? "lightly-runs-choice lightly-runs-replaced" : "lightly-runs-choice";
    const group = svgElement("g", { class: className, role: "button", "aria-label": tooltip(bar) });
    group.append(svgElement("title", {}, tooltip(bar)), fill, ...phases, pattern);
    group.addEventListener("click", () => this.#open(step.stepId));
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.#open(step.stepId);
      }
    });
    this.#bars.set(step.stepId, { group, rects: { whole: [fill, pattern], phases } });
    return group;
  }
}

function factsOf({ row, isReplaced, phases, step: { stepId, state, attempt, resumeCount } }: Bar): unknown[] {
  return [row, isReplaced, phases.length, stepId, state, attempt, resumeCount];
}

/** How often a step was retried and resumed. */
function marksOf({ attempt, resumeCount }: StepRecord): string {
  const tries = attempt === undefined ? "" : ` · ${text("step.attempt", { attempt })}`;
  return resumeCount === undefined ? tries : `${tries} · ${text("step.resumed", { count: resumeCount })}`;
}

function place(rect: SVGRectElement, { left, width }: { readonly left: number; readonly width: number }): void {
  rect.setAttribute("x", percent(left));
  rect.setAttribute("width", percent(width));
}

function tooltip({ step, isReplaced, phases }: Bar): string {
  const duration = formatDuration((step.endedAt ?? Date.now()) - step.startedAt);
  const replaced = isReplaced ? ` · ${text("step.replaced")}` : "";
  const parts = phases.map(({ name, from, to }) => `\n${phaseWord(name)}: ${formatDuration(to - from)}`);
  return `${step.name}: ${stateWord(step.state)} · ${duration}${marksOf(step)}${replaced}${parts.join("")}`;
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

/** Patterns that distinguish the states without color: completed is plain. */
function patterns(): SVGElement {
  const paths: Readonly<Record<string, string>> = {
    failed: "M0 0 L6 6 M6 0 L0 6",
    aborted: "M0 6 L6 0",
    interrupted: "M2 0 V6",
    running: "M0 3 H3",
    skipped: "M1 0 L4 3 L1 6",
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
