import {
  balance,
  diversity,
  type NearestSelected,
  nearestSelected,
  type Strategy,
  selectGreedily,
  toRows,
  weights,
} from "lightly-aws-sandbox/selection";
import type { SelectionCase, StrategyCase } from "./cases.ts";

/** What the sandbox's stand-in selects, in the order of selection. */
export function selectByStandIn(selection: SelectionCase): number[] {
  const { rows, preselected, limit } = selection;
  const { nearest, strategies } = prepare(selection);
  const before = new Set(preselected);
  return selectGreedily({
    candidates: rows.map((_, index) => index).filter((index) => !before.has(index)),
    preselected,
    limit,
    strategies,
    nearest,
  }).map(({ index }) => index);
}

/** By how much each pick in turn scores less than the best candidate does in the stand-in's eyes; the largest of them. */
export function largestLoss(selection: SelectionCase, picks: readonly number[]): number {
  const { strategies } = prepare(selection);
  const waiting = new Set(selection.rows.keys());
  for (const index of selection.preselected) {
    waiting.delete(index);
    for (const strategy of strategies) {
      strategy.select(index);
    }
  }
  let loss = 0;
  for (const pick of picks) {
    const scores = strategies.flatMap((strategy) => strategy.scores() ?? []);
    const scoreOf = (index: number): number => scores.reduce((sum, score) => sum + score(index), 0);
    loss = Math.max(loss, Math.max(...[...waiting].map(scoreOf)) - scoreOf(pick));
    waiting.delete(pick);
    for (const strategy of strategies) {
      strategy.select(pick);
    }
  }
  return loss;
}

function prepare({ rows, strategies }: SelectionCase): { nearest: NearestSelected; strategies: Strategy[] } {
  const nearest = nearestSelected(toRows(rows));
  return { nearest, strategies: strategies.map((strategy) => standInOf(strategy, nearest)) };
}

function standInOf(strategy: StrategyCase, nearest: NearestSelected): Strategy {
  switch (strategy.type) {
    case "DIVERSITY":
      return diversity(nearest, strategy.strength, strategy.minimumDistance);
    case "WEIGHTS":
      return weights(strategy.values, strategy.strength);
    case "BALANCE":
      return balance(strategy.distributions, strategy.target, strategy.strength);
  }
}
