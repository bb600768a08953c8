import { faultOfRows, faultOfText } from "../fields/check-field.ts";
import { type Field, isShown } from "../fields/field.ts";
import { numberWithin } from "../fields/rules/numbers.ts";
import type { ReadProperty, Reason } from "../fields/rules/rule.ts";
import { currentValue, isOpen } from "./open-form.ts";

// What the runtime replaces by an environment variable before the node sees it.
const VARIABLE = /^\$[{(][^})]+[})]$/;
// The value of Node-RED's select of a config node when nothing is chosen.
const NO_ACCOUNT = "_ADD_";

/** A validator of one field: what the runtime would refuse is refused in the form, with a reason. */
export function validatorOf(name: string, field: Field): PropertyValidator {
  return function (value, { label }) {
    const read: ReadProperty = (property) => currentValue(this, property);
    if (!isShown(field, read)) {
      return true;
    }
    if (field.typed) {
      return judgeTyped({ node: this, name, field, value, read, label });
    }
    // The editor does not know the credentials of a node whose form was not opened yet.
    if (field.kind === "secret" && value === undefined) {
      return true;
    }
    // An old flow without the field: both halves use the default.
    const given = value ?? field.whenAbsent ?? field.value;
    if (field.pairs) {
      return Array.isArray(given) ? verdict(this, faultOfRows(field, given), label) : true;
    }
    const text = given === NO_ACCOUNT ? "" : String(given);
    return verdict(this, faultOf(isOpen(this) ? asTyped(field) : field, text, read), label);
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

/** What is typed in is checked by the rule; other types only for their form, since their value is known at run time. */
function judgeTyped({ node, name, field, value, read, label }: JudgeTypedOptions): true | string {
  const type = String(read(`${name}Type`) || "str");
  const text = String(read(name) ?? value);
  const isTypedIn = type === "str" || (["json", "num"].includes(type) && (field.rule || field.kind === "list"));
  if (isTypedIn || text.trim() === "") {
    return verdict(node, faultOf(field, text, read), label);
  }
  const checked = RED.utils.validateTypedProperty(text, type, {});
  return checked === true ? true : labelled(String(checked), label);
}

function faultOf(field: Field, text: string, read: ReadProperty): Reason | undefined {
  return VARIABLE.test(text) ? undefined : faultOfText(field, text, read);
}

/** The open form shows a percentage, the node stores a fraction. */
function asTyped(field: Field): Field {
  const { isPercent, limits: { min = 0, max = 1 } = {} } = field;
  return isPercent ? { ...field, rule: numberWithin({ min: min * 100, max: max * 100 }) } : field;
}

function verdict(node: EditorNode, reason: Reason | undefined, label: string | undefined): true | string {
  return reason === undefined ? true : labelled(node._(`lightly-aws.reason.${reason.key}`, reason.values), label);
}

function labelled(text: string, label: string | undefined): string {
  return label ? `${label}: ${text}` : text;
}
