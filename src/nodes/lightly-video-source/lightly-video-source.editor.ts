import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-video-source", fields);

RED.nodes.registerType("lightly-video-source", {
  category: "lightly",
  color: "#8FB8DE",
  icon: "lightly-video-source.svg",
  inputs: 1,
  outputs: 2,
  paletteLabel: "video source",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "video source", { folder: "folder", s3: "bucket" }[String(this.kind)]);
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels(index) {
    return this._(`lightly-video-source.port.${index === 0 ? "video" : "ended"}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
