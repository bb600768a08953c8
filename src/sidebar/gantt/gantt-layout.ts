import { type Interval, union } from "../../records/intervals.ts";
import { currentSteps, type RunRecord, type StepRecord } from "../../records/run-record.ts";
import { type PhaseSpan, phaseSpans } from "../parts/texts/phases.ts";

/** A step as a bar; positions and widths are fractions of the whole width. */
export interface Bar {
  readonly step: StepRecord;
  readonly left: number;
  readonly width: number;
  /** The row in its lane: simultaneous steps of one node are drawn below each other. */
  readonly row: number;
  /** Whether a retry has replaced the step or one of its ancestors. */
  readonly isReplaced: boolean;
  readonly phases: readonly Segment[];
}

/** A phase of a step as a part of its bar. */
export interface Segment extends PhaseSpan {
  readonly left: number;
  readonly width: number;
}

/** All steps of one node. */
export interface Lane {
  readonly nodeId: string;
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly rows: number;
}

/** A run's steps over time. */
export interface GanttLayout {
  readonly lanes: readonly Lane[];
  /** The positions of idle periods that are shortened, such as the night before a retry. */
  readonly gaps: readonly number[];
  readonly marks: readonly Mark[];
}

/** A line across all lanes that marks the time since the start. */
export interface Mark {
  readonly at: number;
  readonly elapsedMs: number;
}

/** Shorter bars would be hard to see and click. */
const MIN_WIDTH = 0.012;
/** The area of a bar that can be clicked is larger than the bar: it must not cover the center of a narrow neighbor. */
const NARROW = 0.03;
const MIN_DISTANCE = 0.008;
/** The width of a gap, and the minimum fraction of the running time that an idle period has to last to become one. */
const GAP_WIDTH = 0.03;
const GAP_SHARE = 0.5;
const MIN_GAP_MS = 60_000;

/** Lays a run out: a lane for each node, ordered by their first steps. Bars of running steps end at `now`. */
export function layOut(run: RunRecord, now: number): GanttLayout {
  const times = run.steps.map(
    ({ startedAt, endedAt }): Interval => ({
      from: startedAt,
      to: Math.max(startedAt + 1, endedAt ?? run.endedAt ?? now),
    }),
  );
  const scale = timeScale(union([{ from: run.startedAt, to: run.startedAt + 1 }, ...times]));
  const current = new Set(currentSteps(run.steps));
  const lanes = new Map<string, { nodeId: string; name: string; bars: Bar[]; rows: number }>();
  for (const [index, step] of run.steps.entries()) {
    const { from, to } = times[index] as Interval;
    const width = Math.min(1, Math.max(MIN_WIDTH, scale.position(to) - scale.position(from)));
    const lane = lanes.get(step.nodeId) ?? { nodeId: step.nodeId, name: step.name, bars: [], rows: 0 };
    const left = Math.min(scale.position(from), 1 - width);
    const row = freeRow(lane.bars, left, width);
    const phases = phaseSpans(step, to).map((span): Segment => {
      const from = Math.max(left, scale.position(span.from));
      return { ...span, left: from, width: Math.max(0, scale.position(span.to) - from) };
    });
    lane.bars.push({ step, left, width, row, isReplaced: !current.has(step), phases });
    lane.rows = Math.max(lane.rows, row + 1);
    lanes.set(step.nodeId, lane);
  }
  return { lanes: [...lanes.values()], gaps: scale.gaps, marks: scale.marks(run.startedAt) };
}

/** The first row in which a bar overlaps no other bar, and is not too close to a narrow one. */
function freeRow(bars: readonly Bar[], left: number, width: number): number {
  const covered = bars.filter((bar) => {
    const distance = Math.min(bar.width, width) < NARROW ? MIN_DISTANCE : -1e-6;
    return bar.left + bar.width + distance > left && left + width + distance > bar.left;
  });
  const taken = new Set(covered.map(({ row }) => row));
  let row = 0;
  while (taken.has(row)) {
    row += 1;
  }
  return row;
}

interface TimeScale {
  readonly gaps: readonly number[];
  position(time: number): number;
  marks(start: number): Mark[];
}

function timeScale(busy: readonly Interval[]): TimeScale {
  const busyMs = busy.reduce((sum, { from, to }) => sum + to - from, 0);
  const longMs = Math.max(MIN_GAP_MS, busyMs * GAP_SHARE);
  const parts = withoutShortGaps(busy, longMs);
  const drawnMs = parts.reduce((sum, { from, to }) => sum + to - from, 0);
  const room = 1 - GAP_WIDTH * (parts.length - 1);
  let left = 0;
  const placed = parts.map((part) => {
    const width = (room * (part.to - part.from)) / drawnMs;
    const one = { ...part, left, width };
    left += width + GAP_WIDTH;
    return one;
  });
  const position = (time: number): number => {
    const part = placed.findLast(({ from }) => from <= time) ?? placed[0];
    return part ? part.left + part.width * Math.min(1, Math.max(0, (time - part.from) / (part.to - part.from))) : 0;
  };
  return {
    gaps: placed.slice(1).map((part) => part.left - GAP_WIDTH / 2),
    position,
    marks: (start) => {
      const stepMs = roundStep(drawnMs / 4);
      const last = placed[0];
      const count = last ? Math.floor((last.to - start) / stepMs) : 0;
      return Array.from({ length: count + 1 }, (_, index) => ({
        at: position(start + index * stepMs),
        elapsedMs: index * stepMs,
      }));
    },
  };
}

function withoutShortGaps(busy: readonly Interval[], longMs: number): Interval[] {
  const parts: Interval[] = [];
  for (const one of busy) {
    const last = parts.at(-1);
    if (last && one.from - last.to < longMs) {
      parts[parts.length - 1] = { from: last.from, to: one.to };
    } else {
      parts.push(one);
    }
  }
  return parts;
}

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** The next round number of seconds, minutes, hours or days. */
function roundStep(ms: number): number {
  const round = STEPS_S.find((seconds) => seconds * 1000 >= ms);
  return round === undefined ? Math.ceil(ms / DAY_MS) * DAY_MS : round * 1000;
}

const DAY_MS = 86_400_000;
