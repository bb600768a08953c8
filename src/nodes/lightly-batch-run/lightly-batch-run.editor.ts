import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-batch-run", fields);

RED.nodes.registerType("lightly-batch-run", {
  category: "lightly",
  color: "#D99A86",
  icon: "lightly-batch-run.svg",
  inputs: 1,
  outputs: 3,
  paletteLabel: "batch run",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "batch run", "definition");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels(index) {
    const isAtEnd = this.waitFor !== "submitted";
    const ports = isAtEnd ? ["succeeded", "failed", "progress"] : ["submitted", "ended", "progress"];
    return this._(`lightly-batch-run.port.${ports[index]}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
