import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-ec2-start", fields);

RED.nodes.registerType("lightly-ec2-start", {
  category: "lightly",
  color: "#EBA763",
  icon: "lightly-ec2-start.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "ec2 start",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "ec2 start", this.select === "tags" ? undefined : "instanceIds");
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels() {
    return this._(`lightly-ec2-start.port.${this.waitFor === "running" ? "running" : "online"}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
