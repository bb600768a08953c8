/** The strategy that a form starts with, and of a flow that has none yet. */
export const DEFAULT_STRATEGIES: readonly {
  readonly input: Readonly<Record<string, unknown>>;
  readonly strategy: Readonly<Record<string, unknown>>;
}[] = [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }];
