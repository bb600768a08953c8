import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-s3-upload", fields);

RED.nodes.registerType("lightly-s3-upload", {
  category: "lightly",
  color: "#9CBF6B",
  icon: "lightly-s3-upload.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "s3 upload",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "s3 upload", "bucket");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels() {
    return this._("lightly-s3-upload.port.uploaded");
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
