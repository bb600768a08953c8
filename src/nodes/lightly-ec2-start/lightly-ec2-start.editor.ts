import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import { instanceIds, numberFrom } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, pairs, type ReadProperty, typedField } from "../../editor/validators.ts";

const label = labelsOf("lightly-ec2-start");
const retry = retryFields("lightly-ec2-start");

const byIds = (read: ReadProperty): boolean => read("select") === "ids";
const byTags = (read: ReadProperty): boolean => read("select") === "tags";
const waitsForAgent = (read: ReadProperty): boolean => read("waitFor") !== "running";

RED.nodes.registerType("lightly-ec2-start", {
  category: "lightly",
  color: "#EBA763",
  icon: "lightly-ec2-start.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "ec2 start",
  defaults: {
    name: { value: "" },
    account: { value: "", type: "lightly-aws-account", required: true, label: label("account") },
    select: { value: "ids" },
    instanceIds: {
      value: "",
      label: label("instanceIds"),
      validate: typedField("instanceIds", { required: true, when: byIds, rule: instanceIds }),
    },
    instanceIdsType: { value: "str" },
    tags: { value: [], label: label("tags"), validate: pairs({ key: "key", when: byTags, required: true }) },
    waitFor: { value: "online" },
    onBusy: { value: "wait" },
    autoStopMinutes: {
      value: 30,
      label: label("autoStopMinutes"),
      validate: field({ required: true, when: waitsForAgent, rule: numberFrom(0, 10080, { whole: true }) }),
    },
    timeoutMinutes: {
      value: 15,
      label: label("timeoutMinutes"),
      validate: field({ required: true, rule: numberFrom(0.1, 1440) }),
    },
    onRemoved: { value: "stop" },
    capacityTimeoutMinutes: {
      value: 15,
      label: label("capacityTimeoutMinutes"),
      validate: field({ required: true, rule: numberFrom(0, 10080) }),
    },
    pollSeconds: {
      value: 5,
      label: label("pollSeconds"),
      validate: field({ required: true, rule: numberFrom(0.1, 600) }),
    },
    retries: retry.retries,
    retrySeconds: retry.retrySeconds,
  },
  label() {
    return String(this.name || "ec2 start");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-ec2-start.port.input");
  },
  outputLabels() {
    return this._(`lightly-ec2-start.port.${this.waitFor === "running" ? "running" : "online"}`);
  },
  oneditprepare() {
    const texts = { keyText: this._("lightly-ec2-start.tag.key"), valueText: this._("lightly-ec2-start.tag.value") };
    openForm(this, {
      typed: { instanceIds: {} },
      lists: { tags: { key: "key", ...texts } },
      lookUps: { instanceIds: { what: "instances", account: "account", several: true } },
    });
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
