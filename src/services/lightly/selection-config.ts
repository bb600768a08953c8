import { parseJson } from "./parse-json.ts";
import type { Infer } from "./schema.ts";
import { SELECTION_V4 } from "./selection-schema.ts";

/** A selection as Lightly's API takes it (version 4). `autoTasks` is always sent, as Lightly's own client does. */
export type SelectionConfigV4 = Infer<typeof SELECTION_V4> & {
  autoTasks: NonNullable<Infer<typeof SELECTION_V4>["autoTasks"]>;
};

/**
 * The default selection: frames that look as different from each other as possible.
 *
 * @param amount - `proportionSamples` is a part of all frames, 0 to 1; `nSamples` a number of frames
 * @throws PipelineError `LIGHTLY_SELECTION_INVALID` when the amount is not a legal one
 */
export function selectionConfig(amount: { proportionSamples: number } | { nSamples: number }): SelectionConfigV4 {
  return parseSelection({
    ...amount,
    strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
  });
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
