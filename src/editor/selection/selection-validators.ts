import type { Field } from "../../fields/field.ts";
import { currentValue } from "../open-form.ts";
import { validatorOf } from "../validators.ts";
import { explainConfig, type Problem, sentenceOf } from "./explain.ts";
import { parseConfig } from "./parse-config.ts";

/** A validator of the list of strategies, which counts unless the selection is JSON. */
export const strategiesField: PropertyValidator = function (_value, { label }) {
  const strategies = currentValue(this, "strategies");
  if (currentValue(this, "amount") === "json" || strategies === undefined) {
    return true;
  }
  return judge(this, explainConfig({ strategies }), label);
};

/** A validator of a whole selection; one that comes from elsewhere is known at run time only. */
export function selectionField(field: Field): PropertyValidator {
  const isSelection = validatorOf("selection", field);
  return function (value, options) {
    const form = isSelection.call(this, value, options);
    const isTypedIn = currentValue(this, "selectionType") === "json" && currentValue(this, "amount") === "json";
    const parsed = parseConfig(String(currentValue(this, "selection") ?? ""));
    // What is no JSON is refused by its form already, or is a variable of the environment.
    if (form !== true || !isTypedIn || "fault" in parsed) {
      return form;
    }
    return judge(this, explainConfig(parsed.config), options.label);
  };
}

function judge(node: EditorNode, [problem]: readonly Problem[], label: string | undefined): true | string {
  if (problem === undefined) {
    return true;
  }
  const sentence = sentenceOf(problem, (key, values) => node._(key, values));
  return label ? `${label}: ${sentence}` : sentence;
}
