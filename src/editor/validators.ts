import { faultOfRows, faultOfText } from "../fields/check-field.ts";
import { type Field, isShown } from "../fields/field.ts";
import { numberWithin } from "../fields/rules/numbers.ts";
import type { ReadProperty, Reason } from "../fields/rules/rule.ts";
import { variableIn } from "../fields/variable.ts";
import { fractionAsPercent } from "./fields/percent.ts";
import { currentValue, isOpen } from "./open-form.ts";

// The value of Node-RED's select of a config node if nothing is chosen.
const NO_ACCOUNT = "_ADD_";

/** Returns whether a field can have a value that its validator refuses. */
export function canBeRefused({ rule, required, typed, pairs }: Field): boolean {
  return rule !== undefined || required === true || typed !== undefined || pairs !== undefined;
}

/** Creates the validator of a field. It refuses the values that the runtime would refuse, with a reason. */
export function validatorOf(name: string, field: Field): PropertyValidator {
  return function (value, { label }) {
    const read: ReadProperty = (property) => currentValue(this, property);
    if (!isShown(field, read)) {
      return true;
    }
    if (field.typed) {
      return judgeTyped({ node: this, name, field, value, read, label });
    }
    // The editor does not know the credentials of a node before its form is opened.
    if (field.kind === "secret" && value === undefined) {
      return true;
    }
    // An old flow without the field: both halves use the default.
    const given = value ?? field.whenAbsent ?? field.value;
    if (field.pairs) {
      return verdict(this, faultOfRows(field, Array.isArray(given) ? given : []), label);
    }
    const text = given === NO_ACCOUNT ? "" : String(given);
    const shown = field.isPercent && !isOpen(this) ? fractionAsPercent(text) : text;
    return verdict(this, faultOf(asShown(field), shown, read), label);
  };
}

interface JudgeTypedOptions {
  readonly node: EditorNode;
  readonly name: string;
  readonly field: Field;
  readonly value: unknown;
  readonly read: ReadProperty;
  readonly label?: string;
}

/** Checks a literal with the rule. For other types only the syntax is checked, because their value is known at run time. */
function judgeTyped({ node, name, field, value, read, label }: JudgeTypedOptions): true | string {
  const type = String(read(`${name}Type`) || "str");
  const text = String(read(name) ?? value);
  const isTypedIn = type === "str" || (["json", "num"].includes(type) && (field.rule || field.kind === "list"));
  if (isTypedIn || text.trim() === "") {
    return verdict(node, faultOf(field, text, read), label);
  }
  const checked = RED.utils.validateTypedProperty(text, type, {});
  return checked === true ? true : labeled(String(checked), label);
}

function faultOf(field: Field, text: string, read: ReadProperty): Reason | undefined {
  // Node-RED replaces a variable before the node reads it.
  return variableIn(text) !== undefined ? undefined : faultOfText(field, text, read);
}

/** The field with the limits of the percentage that the form shows, which its label names; the node stores a fraction. */
function asShown(field: Field): Field {
  const { isPercent, limits: { min = 0, max = 1 } = {} } = field;
  return isPercent ? { ...field, rule: numberWithin({ min: min * 100, max: max * 100 }) } : field;
}

function verdict(node: EditorNode, reason: Reason | undefined, label: string | undefined): true | string {
  return reason === undefined ? true : labeled(node._(`lightly-aws.reason.${reason.key}`, reason.values), label);
}

function labeled(text: string, label: string | undefined): string {
  return label ? `${label}: ${text}` : text;
}
