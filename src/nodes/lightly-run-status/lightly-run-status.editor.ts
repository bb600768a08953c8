import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { labelsOf } from "../../editor/texts.ts";
import { typedField } from "../../editor/validators.ts";

const label = labelsOf("lightly-run-status");

RED.nodes.registerType("lightly-run-status", {
  category: "lightly",
  color: "#B9BFC7",
  icon: "lightly-run-status.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "run status",
  defaults: {
    name: { value: "" },
    runId: { value: "runId", label: label("runId"), validate: typedField("runId", { required: true }) },
    runIdType: { value: "msg" },
  },
  label() {
    return String(this.name || "run status");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-run-status.port.input");
  },
  outputLabels() {
    return this._("lightly-run-status.port.run");
  },
  oneditprepare() {
    openForm(this, { typed: { runId: {} } });
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
