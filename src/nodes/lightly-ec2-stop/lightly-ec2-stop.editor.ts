import { formOf } from "../../editor/form-of.ts";
import { nodeLabel } from "../../editor/node-label.ts";
import { fields } from "./fields.ts";

const form = formOf("lightly-ec2-stop", fields);

RED.nodes.registerType("lightly-ec2-stop", {
  category: "lightly",
  color: "#EBA763",
  icon: "lightly-ec2-stop.svg",
  inputs: 1,
  outputs: 1,
  align: "right",
  paletteLabel: "ec2 stop",
  defaults: form.defaults,
  label() {
    return nodeLabel(this, "ec2 stop", this.select === "ids" ? "instanceIds" : undefined);
  },
  labelStyle: form.labelStyle,
  inputLabels: form.inputLabels,
  outputLabels() {
    return this._(`lightly-ec2-stop.port.${this.waitFor === "accepted" ? "accepted" : "stopped"}`);
  },
  oneditprepare: form.open,
  oneditsave: form.save,
  oneditcancel: form.close,
});
