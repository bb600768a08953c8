import type { Source, StrategyType } from "../../services/lightly/selection-pairs.ts";

/** How the form calls what is selected by, as keys of the catalogue. */
export const SOURCES: Readonly<Record<Source, string>> = {
  EMBEDDINGS: "lightly-lightly-run.source.embeddings",
  METADATA: "lightly-lightly-run.source.metadata",
  CLASS_DISTRIBUTION: "lightly-lightly-run.source.classes",
  CATEGORY_COUNT: "lightly-lightly-run.source.count",
  SCORES: "lightly-lightly-run.source.scores",
  RANDOM: "lightly-lightly-run.source.random",
};

/** How the form calls the strategies, as keys of the catalogue. */
export const STRATEGIES: Readonly<Record<StrategyType, string>> = {
  DIVERSITY: "lightly-lightly-run.strategy.diversity",
  TYPICALITY: "lightly-lightly-run.strategy.typicality",
  SIMILARITY: "lightly-lightly-run.strategy.similarity",
  WEIGHTS: "lightly-lightly-run.strategy.weights",
  THRESHOLD: "lightly-lightly-run.strategy.threshold",
  BALANCE: "lightly-lightly-run.strategy.balance",
};

/** What each strategy selects, in one sentence, as keys of the catalogue. */
export const MEANINGS: Readonly<Record<StrategyType, string>> = {
  DIVERSITY: "lightly-lightly-run.meaning.diversity",
  TYPICALITY: "lightly-lightly-run.meaning.typicality",
  SIMILARITY: "lightly-lightly-run.meaning.similarity",
  WEIGHTS: "lightly-lightly-run.meaning.weights",
  THRESHOLD: "lightly-lightly-run.meaning.threshold",
  BALANCE: "lightly-lightly-run.meaning.balance",
};
