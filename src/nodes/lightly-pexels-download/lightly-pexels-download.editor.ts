import { closeForm, openForm, saveForm } from "../../editor/form.ts";
import { retryFields } from "../../editor/retry-fields.ts";
import { numberFrom, type Rule } from "../../editor/rules.ts";
import { labelsOf } from "../../editor/texts.ts";
import { field, type ReadProperty, typedField } from "../../editor/validators.ts";

const label = labelsOf("lightly-pexels-download");
const retry = retryFields("lightly-pexels-download");

const isSearch = (read: ReadProperty): boolean => read("pick") === "search";
const isById = (read: ReadProperty): boolean => read("pick") === "id";
const isList = (read: ReadProperty): boolean => read("pick") !== "id";
const toFile = (read: ReadProperty): boolean => read("output") === "file";

const duration = numberFrom(0);
const notBelowShortest = (read: ReadProperty): Rule => {
  const shortest = Number(read("minDurationSeconds"));
  return Number.isFinite(shortest) ? numberFrom(shortest) : duration;
};

RED.nodes.registerType("lightly-pexels-download", {
  category: "lightly",
  color: "#6FB7A9",
  icon: "lightly-pexels-download.svg",
  inputs: 1,
  outputs: 1,
  paletteLabel: "pexels download",
  defaults: {
    name: { value: "" },
    account: { value: "", type: "lightly-pexels-account", required: true, label: label("account") },
    pick: { value: "popular" },
    query: { value: "", label: label("query"), validate: typedField("query", { required: true, when: isSearch }) },
    queryType: { value: "str" },
    videoId: {
      value: "",
      label: label("videoId"),
      validate: typedField("videoId", {
        required: true,
        when: isById,
        rule: numberFrom(1, undefined, { whole: true }),
      }),
    },
    videoIdType: { value: "num" },
    page: {
      value: "",
      label: label("page"),
      validate: typedField("page", { when: isList, rule: numberFrom(1, undefined, { whole: true }) }),
    },
    pageType: { value: "num" },
    seed: { value: "", label: label("seed"), validate: typedField("seed", { when: isList }) },
    seedType: { value: "str" },
    orientation: { value: "" },
    size: { value: "" },
    minDurationSeconds: {
      value: "",
      label: label("minDurationSeconds"),
      validate: field({ when: isList, rule: duration }),
    },
    maxDurationSeconds: {
      value: "",
      label: label("maxDurationSeconds"),
      validate: field({ when: isList, ruleFor: notBelowShortest }),
    },
    maxWidth: {
      value: 1920,
      label: label("maxWidth"),
      validate: field({ required: true, rule: numberFrom(1, undefined, { whole: true }) }),
    },
    output: { value: "file" },
    folder: { value: "", label: label("folder"), validate: typedField("folder", { when: toFile }) },
    folderType: { value: "str" },
    maxSizeMib: {
      value: 2048,
      label: label("maxSizeMib"),
      validate: field({ required: true, when: toFile, rule: numberFrom(1, 1048576) }),
    },
    timeoutMinutes: {
      value: 120,
      label: label("timeoutMinutes"),
      validate: field({ required: true, when: toFile, rule: numberFrom(0.1, 10080) }),
    },
    retries: retry.retries,
    retrySeconds: retry.retrySeconds,
  },
  label() {
    return String(this.name || (this.pick === "search" && this.queryType === "str" && this.query) || "pexels download");
  },
  labelStyle() {
    return this.name ? "node_label_italic" : "";
  },
  inputLabels() {
    return this._("lightly-pexels-download.port.input");
  },
  outputLabels() {
    return this._(`lightly-pexels-download.port.${this.output === "url" ? "url" : "file"}`);
  },
  oneditprepare() {
    openForm(this, {
      typed: { query: {}, videoId: { literal: "num" }, page: { literal: "num" }, seed: {}, folder: {} },
    });
  },
  oneditsave() {
    saveForm(this);
  },
  oneditcancel() {
    closeForm();
  },
});
