/** The default strategies: of a new node, and of a flow of an older release without strategies. */
export const DEFAULT_STRATEGIES: readonly {
  readonly input: Readonly<Record<string, unknown>>;
  readonly strategy: Readonly<Record<string, unknown>>;
}[] = [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }];
