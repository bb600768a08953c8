import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import { instanceIds, numberFrom } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, pairs, type ReadProperty, typedField } from "../../editor/validators.ts";

const label = labelsOf("lightly-ec2-stop");
const retry = retryFields("lightly-ec2-stop");

const byIds = (read: ReadProperty): boolean => read("select") === "ids";
const byTags = (read: ReadProperty): boolean => read("select") === "tags";
const isWaiting = (read: ReadProperty): boolean => read("waitFor") === "stopped";

RED.nodes.registerType("lightly-ec2-stop", {
  category: "lightly",
  color: "#EBA763",
  icon: "lightly-ec2-stop.svg",
  inputs: 1,
  outputs: 1,
  align: "right",
  paletteLabel: "ec2 stop",
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
    onBusy: { value: "leave" },
    leaveRunning: { value: false },
    hibernate: { value: false },
    waitFor: { value: "stopped" },
    timeoutMinutes: {
      value: 15,
      label: label("timeoutMinutes"),
      validate: field({ required: true, when: isWaiting, rule: numberFrom(0.1, 1440) }),
    },
    forceAfterMinutes: {
      value: 0,
      label: label("forceAfterMinutes"),
      validate: field({ required: true, rule: numberFrom(0, 1440) }),
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
    return String(this.name || "ec2 stop");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-ec2-stop.port.input");
  },
  outputLabels() {
    return this._(`lightly-ec2-stop.port.${this.waitFor === "accepted" ? "accepted" : "stopped"}`);
  },
  oneditprepare() {
    const texts = { keyText: this._("lightly-ec2-stop.tag.key"), valueText: this._("lightly-ec2-stop.tag.value") };
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
