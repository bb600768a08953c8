import { account, choice, mib, minutes, number, text, whole } from "../../fields/kinds.ts";
import { stepFields } from "../../fields/retries.ts";
import { numberWithin } from "../../fields/rules/numbers.ts";
import type { Rule } from "../../fields/rules/rule.ts";

const isList = { pick: ["popular", "search"] };
const toFile = { output: ["file"] };

const notBelowMinimum: Rule = (text, read) => {
  const min = Number(read("minDurationSeconds"));
  return numberWithin({ min: Number.isFinite(min) ? min : 0 })(text);
};

export const fields = stepFields({
  account: account("lightly-pexels-account"),
  pick: choice(["popular", "search", "id"], { icon: "film" }),
  query: text({ icon: "search", placeholder: true, typed: "str", required: true, when: { pick: ["search"] } }),
  videoId: whole({ icon: "hashtag", placeholder: true, typed: "num", required: true, min: 1, when: { pick: ["id"] } }),
  count: whole({ value: 1, min: 1, max: 1000, icon: "clone", typed: "num", when: isList, hint: true }),
  output: choice(["file", "url"], { icon: "sign-out" }),
  folder: text({ icon: "folder-o", placeholder: true, typed: "str", when: toFile }),
  maxWidth: whole({ value: 1920, min: 1, icon: "arrows-h" }),
  orientation: choice(
    { "": "any", landscape: "landscape", portrait: "portrait", square: "square" },
    { icon: "mobile", when: isList, heading: "filters" },
  ),
  size: choice({ "": "any", large: "large", medium: "medium", small: "small" }, { icon: "expand", when: isList }),
  minDurationSeconds: number({ min: 0, icon: "clock-o", when: isList }),
  maxDurationSeconds: number({ rule: notBelowMinimum, when: isList, inRowOf: "minDurationSeconds" }),
  page: whole({ icon: "files-o", placeholder: true, typed: "num", min: 1, when: isList, advanced: true }),
  seed: text({ icon: "random", placeholder: true, typed: "str", when: isList, hint: true, advanced: true }),
  maxSizeMib: mib({ value: 2048, min: 1, max: 2 ** 20, when: toFile, icon: "hdd-o", advanced: true }),
  timeoutMinutes: minutes({ value: 120, min: 0.1, max: 10_080, when: toFile, icon: "clock-o", advanced: true }),
});
