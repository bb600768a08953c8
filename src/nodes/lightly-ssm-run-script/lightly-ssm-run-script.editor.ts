import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import {
  absolutePath,
  bucket,
  dockerImage,
  gpuIds,
  instanceIds,
  jsonTexts,
  numberFrom,
  secretName,
  shellWords,
} from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, pairs, type ReadProperty, typedField } from "../../editor/validators.ts";
import { showWorkerPreview } from "../../editor/worker-preview.ts";

const label = labelsOf("lightly-ssm-run-script");
const retry = retryFields("lightly-ssm-run-script");

const ofWorker = (read: ReadProperty): boolean => read("mode") === "worker";
const ofInstance = (read: ReadProperty): boolean => !ofWorker(read);

RED.nodes.registerType("lightly-ssm-run-script", {
  category: "lightly",
  color: "#DF9BB5",
  icon: "lightly-ssm-run-script.svg",
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
    mode: { value: "script" },
    script: { value: "", label: label("script"), validate: typedField("script", { required: true, when: ofInstance }) },
    scriptType: { value: "str" },
    image: {
      value: "lightly/worker:latest",
      label: label("image"),
      validate: field({ required: true, when: ofWorker, rule: dockerImage }),
    },
    gpus: { value: "all" },
    gpuIds: {
      value: "",
      label: label("gpuIds"),
      validate: field({
        required: true,
        when: (read) => ofWorker(read) && read("gpus") === "ids",
        rule: gpuIds,
      }),
    },
    workerId: { value: "", label: label("workerId"), validate: typedField("workerId", { when: ofWorker }) },
    workerIdType: { value: "str" },
    tokenFrom: { value: "parameter" },
    tokenName: {
      value: "",
      label: label("tokenName"),
      validate: typedField("tokenName", { required: true, when: ofWorker, rule: secretName }),
    },
    tokenNameType: { value: "str" },
    sharedMemoryMib: {
      value: 1024,
      label: label("sharedMemoryMib"),
      validate: field({ required: true, when: ofWorker, rule: numberFrom(1, undefined, { whole: true }) }),
    },
    dockerArguments: {
      value: "",
      label: label("dockerArguments"),
      validate: field({ when: ofWorker, rule: shellWords }),
    },
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
    executionTimeoutHours: {
      value: 48,
      label: label("executionTimeoutHours"),
      validate: field({ required: true, rule: numberFrom(0.01, 48) }),
    },
    // Run Command takes 30 seconds to 30 days.
    deliveryTimeoutMinutes: {
      value: 10,
      label: label("deliveryTimeoutMinutes"),
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
    const script = this.mode === "worker" ? this.image : this.scriptType === "str" && this.script;
    return String(this.name || script || "run script");
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
      typed: { instanceIds: {}, script: {}, workerId: {}, tokenName: {}, args: { literal: "json" } },
      lookUps: {
        instanceIds: { what: "instances", account: "account", several: true },
        workerId: { what: "workers", account: { anyOf: "lightly-account" } },
        outputBucket: { what: "buckets", account: "account" },
      },
      lists: {
        environment: {
          key: "name",
          keyText: this._("lightly-ssm-run-script.variable.name"),
          valueText: this._("lightly-ssm-run-script.variable.value"),
        },
      },
    });
    showWorkerPreview(this);
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
