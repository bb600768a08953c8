import { parseJson } from "../validation/parse-json.ts";
import type { Infer } from "../validation/rule.ts";
import { SELECTION_V4 } from "./selection-rules.ts";

/** A selection as Lightly's API takes it (version 4). `autoTasks` is always sent, as Lightly's own client does. */
export type SelectionConfigV4 = Infer<typeof SELECTION_V4> & {
  autoTasks: NonNullable<Infer<typeof SELECTION_V4>["autoTasks"]>;
};

/** Frames that look as different from each other as possible. */
const DEFAULT_STRATEGIES = [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }];

/**
 * A selection of so much by such strategies.
 *
 * @param amount - `proportionSamples` is a part of all frames, 0 to 1; `nSamples` a number of frames
 * @param strategies - pairs of input and strategy; by default frames that look as different from each other as possible
 * @throws PipelineError `LIGHTLY_SELECTION_INVALID` when amount or strategies are not legal ones
 */
export function selectionConfig(
  amount: { proportionSamples: number } | { nSamples: number },
  strategies: unknown = DEFAULT_STRATEGIES,
): SelectionConfigV4 {
  return parseSelection({ ...amount, strategies });
}

/**
 * Checks a selection against everything that Lightly's API says about it, before anything is sent.
 *
 * @param value - an object, or its JSON text
 * @throws PipelineError `LIGHTLY_SELECTION_INVALID` naming the path of each fault (the first five)
 */
export function parseSelection(value: unknown): SelectionConfigV4 {
  const selection = parseJson(value, { rule: SELECTION_V4, code: "LIGHTLY_SELECTION_INVALID", what: "The selection" });
  return { ...selection, autoTasks: selection.autoTasks ?? [] };
}
