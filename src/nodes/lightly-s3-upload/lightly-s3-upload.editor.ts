import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import { bucket, keyTemplate, mediaType, numberFrom } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, pairs, type ReadProperty, typedField } from "../../editor/validators.ts";

const label = labelsOf("lightly-s3-upload");
const retry = retryFields("lightly-s3-upload");

/** Only what is typed in is known here: a bucket of a message or a variable is not. */
const prefixQuery = (read: ReadProperty) => {
  const bucket = String(read("bucket") ?? "").trim();
  const isText = read("bucketType") === "str" && bucket !== "" && !bucket.startsWith("$");
  return isText ? { bucket, folder: String(read("prefix") ?? "").trim() } : undefined;
};

const fromUrl = (read: ReadProperty): boolean => read("sourceKind") === "url";

RED.nodes.registerType("lightly-s3-upload", {
  category: "lightly",
  color: "#9CBF6B",
  icon: "lightly-s3-upload.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "s3 upload",
  defaults: {
    name: { value: "" },
    account: { value: "", type: "lightly-aws-account", required: true, label: label("account") },
    sourceKind: { value: "file" },
    source: { value: "filename", label: label("source"), validate: typedField("source", { required: true }) },
    sourceType: { value: "msg" },
    sourceFolder: { value: "" },
    maxSizeGib: {
      value: 50,
      label: label("maxSizeGib"),
      validate: field({ required: true, when: fromUrl, rule: numberFrom(0.001, 50000) }),
    },
    timeoutMinutes: {
      value: 1440,
      label: label("timeoutMinutes"),
      validate: field({ required: true, when: fromUrl, rule: numberFrom(0.1, 10080) }),
    },
    bucket: { value: "", label: label("bucket"), validate: typedField("bucket", { required: true, rule: bucket }) },
    bucketType: { value: "str" },
    prefix: { value: "", label: label("prefix"), validate: typedField("prefix") },
    prefixType: { value: "str" },
    key: { value: "", label: label("key"), validate: typedField("key", { rule: keyTemplate }) },
    keyType: { value: "str" },
    ifExists: { value: "refuse" },
    storageClass: { value: "" },
    encryption: { value: "" },
    kmsKeyId: { value: "" },
    tags: { value: [], label: label("tags"), validate: pairs({ key: "key", limit: 10 }) },
    contentType: { value: "", label: label("contentType"), validate: field({ rule: mediaType }) },
    // S3 takes parts of 5 MiB to 5 GiB.
    partSizeMib: {
      value: 5,
      label: label("partSizeMib"),
      validate: field({ required: true, rule: numberFrom(5, 5120) }),
    },
    retries: retry.retries,
    retrySeconds: retry.retrySeconds,
  },
  label() {
    return String(this.name || (this.bucketType === "str" && this.bucket) || "s3 upload");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-s3-upload.port.input");
  },
  outputLabels() {
    return this._("lightly-s3-upload.port.uploaded");
  },
  oneditprepare() {
    const texts = { keyText: this._("lightly-s3-upload.tag.key"), valueText: this._("lightly-s3-upload.tag.value") };
    openForm(this, {
      typed: { bucket: {}, prefix: {}, key: {}, source: {} },
      lists: { tags: { key: "key", ...texts } },
      lookUps: {
        bucket: { what: "buckets", account: "account" },
        prefix: { what: "prefixes", account: "account", query: prefixQuery, needs: "bucket", nested: true },
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
