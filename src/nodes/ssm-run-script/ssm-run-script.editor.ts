import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import { absolutePath, bucket, instanceIds, jsonTexts, numberFrom } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, pairs, typedField } from "../../editor/validators.ts";

const label = labelsOf("ssm-run-script");
const retry = retryFields("ssm-run-script");

RED.nodes.registerType("lightly-ssm-run-script", {
  category: "lightly",
  color: "#DF9BB5",
  icon: "ssm-run-script.svg",
  inputs: 1,
  outputs: 2,
  paletteLabel: "run script",
  defaults: {
    name: { value: "" },
    account: { value: "", type: "lightly-aws-account", required: true, label: label("account") },
    instanceIds: {
      value: "ec2.instanceIds",
      label: label("instanceIds"),
      validate: typedField("instanceIds", { required: true, rule: instanceIds }),
    },
    instanceIdsType: { value: "msg" },
    script: { value: "", label: label("script"), validate: typedField("script", { required: true }) },
    scriptType: { value: "str" },
    args: { value: "[]", label: label("args"), validate: typedField("args", { rule: jsonTexts }) },
    argsType: { value: "json" },
    environment: {
      value: [],
      label: label("environment"),
      validate: pairs({ key: "name", keyPattern: /^[A-Za-z_][A-Za-z0-9_]*$/ }),
    },
    workingDirectory: { value: "", label: label("workingDirectory"), validate: field({ rule: absolutePath }) },
    waitFor: { value: "running" },
    // Run Command kills nothing later than after 48 hours.
    executionHours: {
      value: 48,
      label: label("executionHours"),
      validate: field({ required: true, rule: numberFrom(0.01, 48) }),
    },
    // Run Command takes 30 seconds to 30 days.
    deliveryMinutes: {
      value: 10,
      label: label("deliveryMinutes"),
      validate: field({ required: true, rule: numberFrom(0.5, 43200) }),
    },
    outputBucket: { value: "", label: label("outputBucket"), validate: field({ rule: bucket }) },
    outputPrefix: { value: "" },
    pollSeconds: {
      value: 5,
      label: label("pollSeconds"),
      validate: field({ required: true, rule: numberFrom(0.1, 600) }),
    },
    retries: retry.retries,
    retrySeconds: retry.retrySeconds,
  },
  label() {
    return String(this.name || (this.scriptType === "str" && this.script) || "run script");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-ssm-run-script.port.input");
  },
  outputLabels(index) {
    const first = this.waitFor === "ended" ? "succeeded" : "running";
    return this._(`lightly-ssm-run-script.port.${index === 0 ? first : "ended"}`);
  },
  oneditprepare() {
    openForm(this, {
      typed: { instanceIds: {}, script: {}, args: { literal: "json" } },
      lists: {
        environment: {
          key: "name",
          keyText: this._("lightly-ssm-run-script.variable.name"),
          valueText: this._("lightly-ssm-run-script.variable.value"),
        },
      },
    });
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
