import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-run-status", fields);

RED.nodes.registerType("lightly-run-status", {
  category: "lightly",
  color: "#B9BFC7",
  icon: "lightly-run-status.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "run status",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "run status");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels() {
    return this._("lightly-run-status.port.run");
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
