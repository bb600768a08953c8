import { formOf } from "../../editor/form-of.ts";
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
    return String(this.name || (this.pick === "search" && this.queryType === "str" && this.query) || "pexels download");
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
