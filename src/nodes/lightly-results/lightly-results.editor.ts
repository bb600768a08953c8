import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import { bucket, numberFrom } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, type ReadProperty, typedField } from "../../editor/validators.ts";

const label = labelsOf("lightly-results");
const retry = retryFields("lightly-results");

const toS3 = (read: ReadProperty): boolean => read("destination") === "s3";
const withLinks = (read: ReadProperty): boolean => ["labelStudio", "urls"].includes(String(read("output")));
const awsAccount = field({ required: true, when: toS3 });

RED.nodes.registerType("lightly-results", {
  category: "lightly",
  color: "#9AA9E0",
  icon: "lightly-results.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "lightly results",
  defaults: {
    name: { value: "" },
    account: { value: "", type: "lightly-account", required: true, label: label("account") },
    datasetId: {
      value: "lightly.datasetId",
      label: label("datasetId"),
      validate: typedField("datasetId", { required: true }),
    },
    datasetIdType: { value: "msg" },
    tag: { value: "lightly.tag", label: label("tag"), validate: typedField("tag") },
    tagType: { value: "msg" },
    output: { value: "list" },
    links: { value: "s3" },
    // S3 signs for seven days at most.
    linkExpiryHours: {
      value: 24,
      label: label("linkExpiryHours"),
      validate: field({ required: true, when: withLinks, rule: numberFrom(0.1, 168) }),
    },
    destination: { value: "none" },
    folder: { value: "", label: label("folder"), validate: typedField("folder") },
    folderType: { value: "str" },
    awsAccount: {
      value: "",
      type: "lightly-aws-account",
      label: label("awsAccount"),
      validate(value, options) {
        // What the select holds when nothing is chosen.
        return awsAccount.call(this, value === "_ADD_" ? "" : value, options);
      },
    },
    bucket: {
      value: "",
      label: label("bucket"),
      validate: typedField("bucket", { required: true, when: toS3, rule: bucket }),
    },
    bucketType: { value: "str" },
    prefix: { value: "", label: label("prefix"), validate: typedField("prefix") },
    prefixType: { value: "str" },
    retries: retry.retries,
    retrySeconds: retry.retrySeconds,
  },
  label() {
    return String(this.name || "lightly results");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-results.port.input");
  },
  outputLabels() {
    return this._("lightly-results.port.results");
  },
  oneditprepare() {
    openForm(this, { typed: { datasetId: {}, tag: {}, folder: {}, bucket: {}, prefix: {} } });
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
