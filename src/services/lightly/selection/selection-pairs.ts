/**
 * The strategies that Lightly's worker supports for each input. The schema of its API accepts any pair. The input PREDICTIONS has two
 * entries, by its name: CATEGORY_COUNT is a number, CLASS_DISTRIBUTION is a distribution.
 */
export const SELECTION_PAIRS = {
  EMBEDDINGS: ["DIVERSITY", "TYPICALITY", "SIMILARITY"],
  METADATA: ["WEIGHTS", "THRESHOLD", "BALANCE"],
  CLASS_DISTRIBUTION: ["BALANCE"],
  CATEGORY_COUNT: ["WEIGHTS", "THRESHOLD"],
  SCORES: ["WEIGHTS", "THRESHOLD"],
  RANDOM: ["WEIGHTS", "THRESHOLD"],
} as const;

/** The source of a selection: the type of an input, or the name of predictions. */
export type Source = keyof typeof SELECTION_PAIRS;
export type StrategyType = (typeof SELECTION_PAIRS)[Source][number];

export function isSource(word: unknown): word is Source {
  return typeof word === "string" && Object.hasOwn(SELECTION_PAIRS, word);
}

/** Whether a source is a name of predictions, and not the type of an input. */
export function isPredictions(source: Source): boolean {
  return source === "CLASS_DISTRIBUTION" || source === "CATEGORY_COUNT";
}

/**
 * Returns the strategies that an input supports. Predictions without a name support those of both names.
 *
 * @returns `undefined` for an unknown input
 */
export function strategiesFor({ type, name }: { type?: unknown; name?: unknown }): readonly StrategyType[] | undefined {
  if (type === "PREDICTIONS") {
    return isSource(name) && isPredictions(name)
      ? SELECTION_PAIRS[name]
      : [...SELECTION_PAIRS.CATEGORY_COUNT, ...SELECTION_PAIRS.CLASS_DISTRIBUTION];
  }
  return isSource(type) && !isPredictions(type) ? SELECTION_PAIRS[type] : undefined;
}
