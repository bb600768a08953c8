import type { Field } from "../../fields/field.ts";
import { currentValue } from "../open-form.ts";
import { validatorOf } from "../validators.ts";
import { explainConfig, type Problem, sentenceOf } from "./explain.ts";
import { parseConfig } from "./parse-config.ts";
import type { Refusals } from "./refusals.ts";

/** Validates the list of strategies, which is used unless the selection is JSON. */
export function strategiesField(refusals?: Refusals): PropertyValidator {
  return function (_value, { label }) {
    const strategies = currentValue(this, "strategies");
    if (currentValue(this, "amount") === "json" || strategies === undefined) {
      return true;
    }
    return judge(this, explainConfig({ strategies }, refusals), label);
  };
}

/** Validates a whole selection. A selection of another type than JSON is known at run time only. */
export function selectionField(field: Field, refusals?: Refusals): PropertyValidator {
  const isSelection = validatorOf("selection", field);
  return function (value, options) {
    const form = isSelection.call(this, value, options);
    const isTypedIn = currentValue(this, "selectionType") === "json" && currentValue(this, "amount") === "json";
    const parsed = parseConfig(String(currentValue(this, "selection") ?? ""));
    // A text that is not JSON is already refused by the field's kind, or refers to an environment variable.
    if (form !== true || !isTypedIn || "fault" in parsed) {
      return form;
    }
    return judge(this, explainConfig(parsed.config, refusals), options.label);
  };
}

function judge(node: EditorNode, [problem]: readonly Problem[], label: string | undefined): true | string {
  if (problem === undefined) {
    return true;
  }
  const sentence = sentenceOf(problem, (key, values) => node._(key, values));
  return label ? `${label}: ${sentence}` : sentence;
}
