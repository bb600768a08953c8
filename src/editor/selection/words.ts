import type { Source, StrategyType } from "../../services/lightly/selection/selection-pairs.ts";

/** The names of the inputs, as keys of the catalogue. */
export const SOURCES: Readonly<Record<Source, string>> = {
  EMBEDDINGS: "lightly-run.source.embeddings",
  METADATA: "lightly-run.source.metadata",
  CLASS_DISTRIBUTION: "lightly-run.source.classes",
  CATEGORY_COUNT: "lightly-run.source.count",
  SCORES: "lightly-run.source.scores",
  RANDOM: "lightly-run.source.random",
};

/** The names of the strategies, as keys of the catalogue. */
export const STRATEGIES: Readonly<Record<StrategyType, string>> = {
  DIVERSITY: "lightly-run.strategy.diversity",
  TYPICALITY: "lightly-run.strategy.typicality",
  SIMILARITY: "lightly-run.strategy.similarity",
  WEIGHTS: "lightly-run.strategy.weights",
  THRESHOLD: "lightly-run.strategy.threshold",
  BALANCE: "lightly-run.strategy.balance",
};

/** One sentence about each strategy, as keys of the catalogue. */
export const MEANINGS: Readonly<Record<StrategyType, string>> = {
  DIVERSITY: "lightly-run.meaning.diversity",
  TYPICALITY: "lightly-run.meaning.typicality",
  SIMILARITY: "lightly-run.meaning.similarity",
  WEIGHTS: "lightly-run.meaning.weights",
  THRESHOLD: "lightly-run.meaning.threshold",
  BALANCE: "lightly-run.meaning.balance",
};
