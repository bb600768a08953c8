import type { Source, StrategyType } from "../../services/lightly/selection/selection-pairs.ts";

/** The names of the inputs, as keys of the catalog. */
export const SOURCES: Readonly<Record<Source, string>> = {
  EMBEDDINGS: "lightly-aws.selection.source.embeddings",
  METADATA: "lightly-aws.selection.source.metadata",
  CLASS_DISTRIBUTION: "lightly-aws.selection.source.classes",
  CATEGORY_COUNT: "lightly-aws.selection.source.count",
  SCORES: "lightly-aws.selection.source.scores",
  RANDOM: "lightly-aws.selection.source.random",
};

/** The names of the strategies, as keys of the catalog. */
export const STRATEGIES: Readonly<Record<StrategyType, string>> = {
  DIVERSITY: "lightly-aws.selection.strategy.diversity",
  TYPICALITY: "lightly-aws.selection.strategy.typicality",
  SIMILARITY: "lightly-aws.selection.strategy.similarity",
  WEIGHTS: "lightly-aws.selection.strategy.weights",
  THRESHOLD: "lightly-aws.selection.strategy.threshold",
  BALANCE: "lightly-aws.selection.strategy.balance",
};

/** One sentence about each strategy, as keys of the catalog. */
export const MEANINGS: Readonly<Record<StrategyType, string>> = {
  DIVERSITY: "lightly-aws.selection.meaning.diversity",
  TYPICALITY: "lightly-aws.selection.meaning.typicality",
  SIMILARITY: "lightly-aws.selection.meaning.similarity",
  WEIGHTS: "lightly-aws.selection.meaning.weights",
  THRESHOLD: "lightly-aws.selection.meaning.threshold",
  BALANCE: "lightly-aws.selection.meaning.balance",
};
