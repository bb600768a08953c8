import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { selectionForm } from "../../editor/selection/selection-form.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-run", fields, selectionForm());

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
    return nodeLabel(this, "lightly run", "datasetName");
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
