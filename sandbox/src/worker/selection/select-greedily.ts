import type { NearestSelected } from "./nearest-selected.ts";
import { single } from "./single-precision.ts";
import type { Strategy } from "./strategies/strategy.ts";

/** One selected candidate, in the order of selection. */
export interface Pick {
  /** Index of its row. */
  readonly index: number;
  /** Distance to the nearest one selected before it (preselected ones included); `null` for the very first one. */
  readonly distance: number | null;
}

/** The candidates of a greedy selection, and its limit. */
export interface GreedyOptions {
  /** The rows that may be selected, in ascending order. */
  readonly candidates: Iterable<number>;
  /** The rows that count as selected from the start, in this order. */
  readonly preselected?: readonly number[];
  /** Maximum number of picks. */
  readonly limit: number;
  readonly strategies: readonly Strategy[];
  /** Notified of each selected row. */
  readonly nearest: NearestSelected;
}

/**
 * Selects candidates one by one, as Lightly's engine does: each time the one with the highest sum of scores is taken,
 * the first one of several equals. Ends when a strategy says so about the best one.
 */
export function selectGreedily(options: GreedyOptions): Pick[] {
  const { preselected = [], limit, strategies, nearest } = options;
  const select = (index: number): void => {
    for (const strategy of strategies) {
      strategy.select(index);
    }
    nearest.select(index);
  };
  preselected.forEach(select);
  const waiting = new Set(options.candidates);
  const picks: Pick[] = [];
  while (picks.length < limit) {
    const index = bestOf(waiting, strategies);
    if (index === undefined || strategies.some(({ endsAt }) => endsAt(index))) {
      break;
    }
    picks.push({ index, distance: nearest.count() === 0 ? null : nearest.distance(index) });
    waiting.delete(index);
    select(index);
  }
  return picks;
}

function bestOf(waiting: ReadonlySet<number>, strategies: readonly Strategy[]): number | undefined {
  const scores = strategies.flatMap((strategy) => strategy.scores() ?? []);
  let best: number | undefined;
  let bestSum = Number.NEGATIVE_INFINITY;
  for (const candidate of waiting) {
    let sum = 0;
    for (const score of scores) {
      sum = single(sum + score(candidate));
    }
    best ??= candidate;
    if (sum > bestSum) {
      best = candidate;
      bestSum = sum;
    }
  }
  return best;
}
