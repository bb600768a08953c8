import { seededRandom } from "../../seeded-random.ts";
import { type FrameMetadata, METADATA_KEYS } from "./metadata-keys.ts";
import { nearestSelected } from "./nearest-selected.ts";
import { type Pick, selectGreedily } from "./select-greedily.ts";
import { OPERATIONS, type SelectionPlan } from "./selection-plan.ts";
import { diversity } from "./strategies/diversity.ts";
import type { Strategy } from "./strategies/strategy.ts";
import { weights } from "./strategies/weights.ts";
import { typicality } from "./typicality.ts";
import { joinRows, type Rows } from "./vector-rows.ts";

/** Frames with one L2-normalized embedding and one set of measurements each. */
export interface FrameSet {
  readonly rows: Rows;
  readonly metadata: readonly FrameMetadata[];
}

/** The candidates of a selection. */
export interface SelectionInput extends FrameSet {
  /** The frames selected in earlier runs: they count as selected and are not selected again. */
  readonly selectedBefore?: FrameSet;
}

/** The result of {@link selectFrames}. */
export interface Selected {
  /** In the order of selection. */
  readonly picks: readonly Pick[];
  /** How well the picks cover the rest: the largest distance of a remaining candidate to the nearest selected frame. */
  readonly largestGap: number;
}

/**
 * Selects the frames that a plan asks for among those that pass its thresholds, as Lightly's engine does (see
 * {@link selectGreedily}). Ends at the plan's limit, when no candidate is left, or when the best one is nearer than
 * the minimum distance to something selected.
 */
export function selectFrames({ selectedBefore, ...candidates }: SelectionInput, plan: SelectionPlan): Selected {
  const count = candidates.rows.count;
  const frames = selectedBefore === undefined ? candidates : join(candidates, selectedBefore);
  const nearest = nearestSelected(frames.rows);
  const allowed = passing(candidates.metadata, plan);
  const picks = selectGreedily({
    candidates: allowed,
    preselected: Array.from({ length: frames.rows.count - count }, (_, index) => count + index),
    limit: plan.limit(count),
    strategies: [
      ...plan.diversity.map(({ strength, minimumDistance }) => diversity(nearest, strength, minimumDistance)),
      ...weightsOf(frames, plan),
    ],
    nearest,
  });
  const picked = new Set(picks.map(({ index }) => index));
  const gaps = allowed.filter((index) => !picked.has(index)).map(nearest.distance);
  return { picks, largestGap: picks.length === 0 ? 0 : gaps.reduce((one, other) => Math.max(one, other), 0) };
}

function join(one: FrameSet, other: FrameSet): FrameSet {
  return { rows: joinRows(one.rows, other.rows), metadata: [...one.metadata, ...other.metadata] };
}

function passing(metadata: readonly FrameMetadata[], { thresholds }: SelectionPlan): number[] {
  return metadata.flatMap((frame, index) =>
    thresholds.every(({ key, operation, value }) => OPERATIONS[operation](readValue(frame, key), value)) ? [index] : [],
  );
}

function weightsOf({ rows, metadata }: FrameSet, plan: SelectionPlan): Strategy[] {
  const values = plan.weights.map(({ key, strength }) => {
    const own = metadata.map((frame) => readValue(frame, key));
    return weights(own, strength);
  });
  const random = plan.random.map(({ seed, strength }) => {
    const next = seededRandom(seed);
    return weights(metadata.map(next), strength);
  });
  const typical = plan.typicality.map(({ neighbors, strength }) => weights(typicality(rows, neighbors), strength));
  return [...values, ...random, ...typical];
}

function readValue(frame: FrameMetadata, key: string): number {
  return METADATA_KEYS[key]?.(frame) ?? 0;
}
