import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import type { LookUpOptions } from "../../editor/lookup.ts";
import { currentValue, input, isOpen } from "../../editor/open-form.ts";
import { fractionAsPercent, percentAsFraction } from "../../editor/percent.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import {
  datasetName,
  jsonObject,
  lightlyExternalId,
  lightlyRegion,
  lightlyRoleArn,
  numberFrom,
  s3Uri,
} from "../../editor/rules.ts";
import { openSelectionBuilder, type SelectionBuilder } from "../../editor/selection/builder.ts";
import { DEFAULT_ENTRIES } from "../../editor/selection/rows.ts";
import { selectionField, strategiesField } from "../../editor/selection/validators.ts";
import { suggestRegions } from "../../fields/suggest-regions.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, type ReadProperty, typedField } from "../../editor/validators.ts";

const label = labelsOf("lightly-run");
const retry = retryFields("lightly-run");

const byRole = (read: ReadProperty): boolean => read("access") === "role";
const byKeys = (read: ReadProperty): boolean => read("access") === "keys";
const setsBuckets = (read: ReadProperty): boolean => read("access") !== "existing";
const amountIs =
  (amount: string) =>
  (read: ReadProperty): boolean =>
    read("amount") === amount;

// The form shows a percentage, the node keeps a fraction.
const asPercent = field({ required: true, when: amountIs("proportion"), rule: numberFrom(0.001, 100) });
const asFraction = field({ required: true, when: amountIs("proportion"), rule: numberFrom(0.00001, 1) });

/** Ten percent of the frames, as different from each other as possible. */
const SELECTION_TEMPLATE = JSON.stringify({ proportionSamples: 0.1, strategies: DEFAULT_ENTRIES }, null, 2);

// Of one type one form at most is open.
let builder: SelectionBuilder | undefined;

/** The account of this form is Lightly's: buckets are looked up with whatever AWS accounts there are. */
const bucketOfUri: LookUpOptions = {
  what: "buckets",
  account: { anyOf: "lightly-aws-account" },
  fill: (bucket, before) => `s3://${bucket}${/^s3:\/\/[^/]*(\/.*)$/.exec(before)?.[1] ?? ""}`,
};

RED.nodes.registerType("lightly-run", {
  category: "lightly",
  color: "#9AA9E0",
  icon: "lightly-run.svg",
  inputs: 1,
  outputs: 3,
  paletteLabel: "lightly run",
  defaults: {
    name: { value: "" },
    account: { value: "", type: "lightly-account", required: true, label: label("account") },
    datasetName: {
      value: "",
      label: label("datasetName"),
      validate: typedField("datasetName", { required: true, rule: datasetName }),
    },
    datasetNameType: { value: "str" },
    inputType: { value: "Videos" },
    access: { value: "role" },
    inputUri: {
      value: "",
      label: label("inputUri"),
      validate: typedField("inputUri", { required: true, when: setsBuckets, rule: s3Uri }),
    },
    inputUriType: { value: "str" },
    lightlyUri: {
      value: "",
      label: label("lightlyUri"),
      validate: typedField("lightlyUri", { required: true, when: setsBuckets, rule: s3Uri }),
    },
    lightlyUriType: { value: "str" },
    region: {
      value: "",
      label: label("region"),
      validate: typedField("region", { required: true, when: setsBuckets, rule: lightlyRegion }),
    },
    regionType: { value: "str" },
    roleArn: {
      value: "",
      label: label("roleArn"),
      validate: typedField("roleArn", { required: true, when: byRole, rule: lightlyRoleArn }),
    },
    roleArnType: { value: "str" },
    externalId: {
      value: "",
      label: label("externalId"),
      validate: typedField("externalId", { required: true, when: byRole, rule: lightlyExternalId }),
    },
    externalIdType: { value: "str" },
    amount: { value: "proportion" },
    proportion: {
      value: 0.1,
      label: label("proportion"),
      validate(value, options) {
        return (isOpen(this) ? asPercent : asFraction).call(this, value, options);
      },
    },
    count: {
      value: 100,
      label: label("count"),
      validate: field({ required: true, when: amountIs("number"), rule: numberFrom(1, undefined, { whole: true }) }),
    },
    strategies: { value: DEFAULT_ENTRIES, label: label("strategies"), validate: strategiesField },
    selection: {
      value: "",
      label: label("selection"),
      validate: selectionField,
    },
    selectionType: { value: "json" },
    useDatapool: { value: true },
    shutdownWhenJobFinished: { value: true },
    workerConfig: { value: "", label: label("workerConfig"), validate: field({ rule: jsonObject }) },
    priority: { value: "MID" },
    runsOn: { value: "" },
    timeoutHours: {
      value: 48,
      label: label("timeoutHours"),
      validate: field({ required: true, rule: numberFrom(0.01, 8760) }),
    },
    workerTimeoutMinutes: {
      value: 15,
      label: label("workerTimeoutMinutes"),
      validate: field({ required: true, rule: numberFrom(0, 10080) }),
    },
    retries: retry.retries,
    retrySeconds: retry.retrySeconds,
  },
  credentials: {
    accessKeyId: { type: "text", label: label("accessKeyId"), validate: field({ required: true, when: byKeys }) },
    secretAccessKey: {
      type: "password",
      label: label("secretAccessKey"),
      validate: field({ required: true, when: byKeys }),
    },
  },
  label() {
    return String(this.name || (this.datasetNameType === "str" && this.datasetName) || "lightly run");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-run.port.input");
  },
  outputLabels(index) {
    return this._(`lightly-run.port.${["completed", "ended", "progress"][index]}`);
  },
  oneditprepare() {
    let json: CodeEditor | undefined;
    openForm(this, {
      typed: {
        datasetName: {},
        inputUri: {},
        lightlyUri: {},
        region: { suggest: suggestRegions },
        roleArn: {},
        externalId: {},
        selection: { literal: "json-below" },
      },
      json: ["workerConfig"],
      lookUps: {
        datasetName: { what: "datasets", account: "account" },
        runsOn: { what: "labels", account: "account", several: true },
        inputUri: bucketOfUri,
        lightlyUri: bucketOfUri,
      },
      editors: {
        selection: {
          template: SELECTION_TEMPLATE,
          isUsed: () => currentValue(this, "amount") === "json",
          onOpen: (editor) => {
            json = editor;
          },
        },
      },
    });
    input("proportion").val(fractionAsPercent(String(input("proportion").val())));
    builder = json && openSelectionBuilder(this, { json, template: SELECTION_TEMPLATE });
  },
  oneditsave() {
    input("proportion").val(percentAsFraction(String(input("proportion").val())));
    builder?.save();
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
