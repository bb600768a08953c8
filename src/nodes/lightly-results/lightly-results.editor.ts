import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-results", fields);

RED.nodes.registerType("lightly-results", {
  category: "lightly",
  color: "#9AA9E0",
  icon: "lightly-results.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "lightly results",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "lightly results");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels() {
    return this._("lightly-results.port.results");
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
