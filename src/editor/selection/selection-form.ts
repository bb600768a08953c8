import { DEFAULT_STRATEGIES } from "../../fields/default-strategies.ts";
import { selectionFields } from "../../fields/selection.ts";
import type { FormOfOptions } from "../form-of.ts";
import { currentValue } from "../open-form.ts";
import { SelectionBuilder } from "./builder.ts";
import type { Refusals } from "./refusals.ts";
import { selectionField, strategiesField } from "./selection-validators.ts";

/** Ten percent of the frames, as different from each other as possible. */
const SELECTION_TEMPLATE = JSON.stringify({ proportionSamples: 0.1, strategies: DEFAULT_STRATEGIES }, null, 2);

/**
 * Creates the parts of a form with the fields of a selection.
 *
 * @param refusals - what the engine of the node can't do; default: nothing
 */
export function selectionForm(refusals?: Refusals): FormOfOptions {
  // At most one form of a type is open.
  let json: CodeEditor | undefined;
  let builder: SelectionBuilder | undefined;
  return {
    validators: {
      strategies: strategiesField(refusals),
      selection: selectionField(selectionFields.selection, refusals),
    },
    parts: (node) => ({
      editors: {
        selection: {
          template: SELECTION_TEMPLATE,
          isUsed: () => currentValue(node, "amount") === "json",
          onOpen: (editor) => {
            json = editor;
          },
        },
      },
    }),
    onOpen: (node) => {
      builder = json && new SelectionBuilder(node, { json, template: SELECTION_TEMPLATE, refusals });
    },
    onSave: () => builder?.save(),
  };
}
