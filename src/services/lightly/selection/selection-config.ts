import { parseJson } from "../validation/parse-json.ts";
import type { Infer } from "../validation/schema-rule.ts";
import { SELECTION_V4 } from "./selection-rules.ts";

/** A selection in the format of Lightly's API (version 4). `autoTasks` is always sent, as in Lightly's own client. */
export type SelectionConfigV4 = Infer<typeof SELECTION_V4> & {
  autoTasks: NonNullable<Infer<typeof SELECTION_V4>["autoTasks"]>;
};

/** Selects frames that look as different from each other as possible. */
const DEFAULT_STRATEGIES = [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }];

/**
 * Creates a selection.
 *
 * @param amount - `proportionSamples`: a fraction of all frames, 0 to 1; `nSamples`: a number of frames
 * @param strategies - pairs of input and strategy; default: frames that look as different from each other as possible
 * @throws PipelineError `LIGHTLY_SELECTION_INVALID` if the amount or a strategy is not valid
 */
export function selectionConfig(
  amount: { proportionSamples: number } | { nSamples: number },
  strategies: unknown = DEFAULT_STRATEGIES,
): SelectionConfigV4 {
  return parseSelection({ ...amount, strategies });
}

/**
 * Checks a selection against the rules of Lightly's API.
 *
 * @param value - an object, or its JSON text
 * @throws PipelineError `LIGHTLY_SELECTION_INVALID` with the paths of the first five faults
 */
export function parseSelection(value: unknown): SelectionConfigV4 {
  const selection = parseJson(value, { rule: SELECTION_V4, code: "LIGHTLY_SELECTION_INVALID", what: "The selection" });
  return { ...selection, autoTasks: selection.autoTasks ?? [] };
}
