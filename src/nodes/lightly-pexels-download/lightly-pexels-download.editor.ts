import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-pexels-download", fields);

RED.nodes.registerType("lightly-pexels-download", {
  category: "lightly",
  color: "#6FB7A9",
  icon: "lightly-pexels-download.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "pexels download",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "pexels download", { search: "query", id: "videoId" }[String(this.pick)]);
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels() {
    return this._(`lightly-pexels-download.port.${this.output === "url" ? "url" : "file"}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
