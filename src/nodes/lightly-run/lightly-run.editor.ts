import { formOf } from "../../editor/form-of.ts";
import { currentValue } from "../../editor/open-form.ts";
import { openSelectionBuilder, type SelectionBuilder } from "../../editor/selection/builder.ts";
import { selectionField, strategiesField } from "../../editor/selection/selection-validators.ts";
import { DEFAULT_STRATEGIES } from "../../fields/default-strategies.ts";
import { fields } from "./fields.ts";

/** Ten percent of the frames, as different from each other as possible. */
const SELECTION_TEMPLATE = JSON.stringify({ proportionSamples: 0.1, strategies: DEFAULT_STRATEGIES }, null, 2);

// At most one form of this type is open.
let json: CodeEditor | undefined;
let builder: SelectionBuilder | undefined;

const form = formOf("lightly-run", fields, {
  validators: { strategies: strategiesField, selection: selectionField(fields.selection) },
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
    builder = json && openSelectionBuilder(node, { json, template: SELECTION_TEMPLATE });
  },
  onSave: () => builder?.save(),
});

RED.nodes.registerType("lightly-run", {
  category: "lightly",
  color: "#9AA9E0",
  icon: "lightly-run.svg",
  inputs: 1,
  outputs: 3,
  paletteLabel: "lightly run",
  defaults: form.defaults,
  credentials: form.credentials,
  label() {
    return String(this.name || (this.datasetNameType === "str" && this.datasetName) || "lightly run");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels(index) {
    return this._(`lightly-run.port.${["completed", "ended", "progress"][index]}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
