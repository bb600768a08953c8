/**
 * Which strategies Lightly has for what is selected by. The schema of its API takes any pair, its worker does not. Predictions stand
 * here by their name: what counts objects is a number, what compares classes a distribution.
 */
export const SELECTION_PAIRS = {
  EMBEDDINGS: ["DIVERSITY", "TYPICALITY", "SIMILARITY"],
  METADATA: ["WEIGHTS", "THRESHOLD", "BALANCE"],
  CLASS_DISTRIBUTION: ["BALANCE"],
  CATEGORY_COUNT: ["WEIGHTS", "THRESHOLD"],
  SCORES: ["WEIGHTS", "THRESHOLD"],
  RANDOM: ["WEIGHTS", "THRESHOLD"],
} as const;

/** What is selected by: the type of an input, or the name of predictions. */
export type Source = keyof typeof SELECTION_PAIRS;
export type StrategyType = (typeof SELECTION_PAIRS)[Source][number];

export function isSource(word: unknown): word is Source {
  return typeof word === "string" && Object.hasOwn(SELECTION_PAIRS, word);
}

/** Both words of predictions are sources of their own, so neither is the type of an input. */
export function isPredictions(source: Source): boolean {
  return source === "CLASS_DISTRIBUTION" || source === "CATEGORY_COUNT";
}

/**
 * The strategies that an input allows; predictions without a name allow those of both.
 *
 * @returns `undefined` for an input that is none at all
 */
export function strategiesFor({ type, name }: { type?: unknown; name?: unknown }): readonly StrategyType[] | undefined {
  if (type === "PREDICTIONS") {
    return isSource(name) && isPredictions(name)
      ? SELECTION_PAIRS[name]
      : [...SELECTION_PAIRS.CATEGORY_COUNT, ...SELECTION_PAIRS.CLASS_DISTRIBUTION];
  }
  return isSource(type) && !isPredictions(type) ? SELECTION_PAIRS[type] : undefined;
}
