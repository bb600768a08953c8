import { selectionFields as fields } from "../../../fields/selection.ts";
import type { SelectionConfigV4 } from "../../../services/lightly/selection/selection-config.ts";
import type { Inputs } from "./inputs.ts";

/**
 * Reads the selection of a form.
 *
 * @throws PipelineError `INPUT_INVALID`, `VARIABLE_UNDEFINED` or `LIGHTLY_SELECTION_INVALID`
 */
export async function readSelection(inputs: Inputs): Promise<SelectionConfigV4> {
  const { parseSelection, selectionConfig } = await import("../../../services/lightly/selection/selection-config.ts");
  switch ((await inputs.read(fields, "amount")).amount) {
    case "proportion": {
      const { proportion: proportionSamples, strategies } = await inputs.read(fields, "proportion", "strategies");
      return selectionConfig({ proportionSamples }, strategies);
    }
    case "number": {
      const { count: nSamples, strategies } = await inputs.read(fields, "count", "strategies");
      return selectionConfig({ nSamples }, strategies);
    }
    case "json":
      return parseSelection((await inputs.read(fields, "selection")).selection);
  }
}
