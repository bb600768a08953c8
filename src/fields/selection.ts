import { DEFAULT_STRATEGIES } from "./default-strategies.ts";
import { anything, choice, json, percent, whole } from "./kinds.ts";
import { jsonObject } from "./rules/json.ts";

/** The fields of a selection, as a list of strategies or as JSON. */
export const selectionFields = {
  amount: choice(["proportion", "number", "json"], {
    icon: "balance-scale",
    heading: "selection",
    label: "lightly-aws.selection.label.amount",
  }),
  proportion: percent({
    value: 0.1,
    min: 0.00001,
    max: 1,
    icon: "percent",
    when: { amount: ["proportion"] },
    label: "lightly-aws.selection.label.proportion",
  }),
  count: whole({
    value: 100,
    min: 1,
    icon: "hashtag",
    when: { amount: ["number"] },
    label: "lightly-aws.selection.label.count",
  }),
  strategies: anything({
    stored: DEFAULT_STRATEGIES,
    icon: "filter",
    when: { amount: ["proportion", "number"] },
    label: "lightly-aws.selection.label.strategies",
  }),
  selection: json({
    icon: "code",
    typed: "json-below",
    required: true,
    rule: jsonObject("LIGHTLY_SELECTION_INVALID"),
    when: { amount: ["json"] },
    label: "lightly-aws.selection.label.selection",
  }),
};
