import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { selectionForm } from "../../editor/selection/selection-form.ts";
import { STUDIO_REFUSALS } from "../../editor/selection/studio-refusals.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-studio-select", fields, selectionForm(STUDIO_REFUSALS));

RED.nodes.registerType("lightly-studio-select", {
  category: "lightly",
  color: "#9AA9E0",
  icon: "lightly-studio-select.svg",
  inputs: 1,
  outputs: 3,
  paletteLabel: "studio select",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "studio select", "datasetName");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels(index) {
    return this._(`lightly-studio-select.port.${["completed", "canceled", "progress"][index]}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
