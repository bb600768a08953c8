import { seededRandom } from "../../seeded-random.ts";
import { type FrameMetadata, METADATA_KEYS } from "./metadata-keys.ts";
import { OPERATIONS, type SelectionPlan } from "./selection-plan.ts";
import { distanceBetween, meanOf, type Rows } from "./vector-rows.ts";

/** The candidates of a selection. */
export interface SelectionInput {
  /** One L2-normalized embedding per candidate. */
  readonly rows: Rows;
  /** One entry per row. */
  readonly metadata: readonly FrameMetadata[];
  /** Embeddings of the frames selected in earlier runs: they count as selected and are not selected again. */
  readonly selectedBefore?: Rows;
}

/** One selected frame, in the order of selection. */
export interface Pick {
  /** Index of its row. */
  readonly index: number;
  /** Distance to the nearest frame selected before it (earlier runs included); `null` for the very first one. */
  readonly distance: number | null;
}

/** The result of {@link selectFrames}. */
export interface Selected {
  readonly picks: readonly Pick[];
  /** How well the picks cover the rest: the largest distance of a remaining candidate to the nearest selected frame. */
  readonly largestGap: number;
}

/**
 * Selects frames one by one. Each time, of all candidates that pass the thresholds, the one with the highest sum of
 * `strength x score` is taken (the earliest one of several equals), where the scores, each 0 to 1, are
 *
 * - DIVERSITY: distance to the nearest frame selected so far, relative to the largest such distance. Alone, this is
 *   greedy farthest-first traversal, which comes within a factor of two of the best possible coverage. With nothing
 *   selected yet, the distance to the mean of all candidates stands in for it.
 * - WEIGHTS of metadata: the value between the candidates' lowest and highest.
 * - WEIGHTS at random: a number drawn once per candidate from the seed.
 *
 * Ends at the plan's limit, when no candidate is left, or when each one is nearer than the minimum distance to
 * something selected.
 */
export function selectFrames({ rows, metadata, selectedBefore }: SelectionInput, plan: SelectionPlan): Selected {
  const waiting = new Set(candidatesOf(metadata, plan));
  const fixedScores = scoresThatStay(metadata, waiting, plan);
  const nearest = new Float32Array(rows.count).fill(Number.POSITIVE_INFINITY);
  const draw = (from: Rows, row: number): void => {
    for (const index of waiting) {
      nearest[index] = Math.min(nearest[index] ?? 0, distanceBetween(rows, index, from, row));
    }
  };
  for (let row = 0; row < (selectedBefore?.count ?? 0); row += 1) {
    draw(selectedBefore as Rows, row);
  }
  let isFirst = (selectedBefore?.count ?? 0) === 0;
  const fromMean = isFirst && plan.diversity !== undefined ? distancesToMean(rows) : nearest;
  const limit = plan.limit(rows.count);
  const picks: Pick[] = [];
  while (picks.length < limit) {
    const index = pickBest(waiting, isFirst ? fromMean : nearest, fixedScores, plan, isFirst);
    if (index === undefined) {
      break;
    }
    picks.push({ index, distance: isFirst ? null : (nearest[index] ?? 0) });
    waiting.delete(index);
    draw(rows, index);
    isFirst = false;
  }
  const gaps = [...waiting].map((index) => nearest[index] ?? 0);
  return { picks, largestGap: picks.length === 0 ? 0 : gaps.reduce((one, other) => Math.max(one, other), 0) };
}

function candidatesOf(metadata: readonly FrameMetadata[], { thresholds }: SelectionPlan): number[] {
  return metadata.flatMap((frame, index) =>
    thresholds.every(({ key, operation, value }) => OPERATIONS[operation](readValue(frame, key), value)) ? [index] : [],
  );
}

/** The part of each candidate's score that does not depend on what is selected. */
function scoresThatStay(
  metadata: readonly FrameMetadata[],
  candidates: ReadonlySet<number>,
  { weights, random }: SelectionPlan,
): Float64Array {
  const scores = new Float64Array(metadata.length);
  for (const { key, strength } of weights) {
    const values = metadata.map((frame) => readValue(frame, key));
    const among = values.filter((_, index) => candidates.has(index));
    const low = among.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
    const high = among.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
    for (const index of candidates) {
      scores[index] = (scores[index] ?? 0) + (strength * ((values[index] ?? 0) - low)) / (high - low || 1);
    }
  }
  for (const { seed, strength } of random) {
    const next = seededRandom(seed);
    scores.forEach((score, index) => {
      scores[index] = score + strength * next();
    });
  }
  return scores;
}

function pickBest(
  waiting: ReadonlySet<number>,
  distances: Float32Array,
  fixedScores: Float64Array,
  { diversity }: SelectionPlan,
  isFirst: boolean,
): number | undefined {
  let scale = 0;
  for (const index of waiting) {
    scale = Math.max(scale, distances[index] ?? 0);
  }
  let best: number | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const index of waiting) {
    const distance = distances[index] ?? 0;
    if (diversity !== undefined && !isFirst && distance < diversity.minimumDistance) {
      continue;
    }
    const score =
      (fixedScores[index] ?? 0) + (diversity === undefined ? 0 : (diversity.strength * distance) / (scale || 1));
    if (score > bestScore) {
      best = index;
      bestScore = score;
    }
  }
  return best;
}

function distancesToMean(rows: Rows): Float32Array {
  const mean = meanOf(rows);
  return Float32Array.from({ length: rows.count }, (_, index) => distanceBetween(rows, index, mean, 0));
}

function readValue(frame: FrameMetadata, key: string): number {
  return METADATA_KEYS[key]?.(frame) ?? 0;
}
