import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { showWorkerPreview } from "../../editor/worker-preview.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-ssm-run-script", fields, { onOpen: showWorkerPreview });

RED.nodes.registerType("lightly-ssm-run-script", {
  category: "lightly",
  color: "#DF9BB5",
  icon: "lightly-ssm-run-script.svg",
  inputs: 1,
  outputs: 2,
  paletteLabel: "run script",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "run script", this.mode === "worker" ? "image" : "script");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels(index) {
    const first = this.waitFor === "ended" ? "succeeded" : "running";
    return this._(`lightly-ssm-run-script.port.${index === 0 ? first : "ended"}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
