import { currentValue } from "./open-form.ts";
import type { Reason, Rule } from "./rules.ts";

/** Reads another property of the same node: as typed in its open form, else as stored. */
export type ReadProperty = (property: string) => unknown;

/** What is asked of a property. */
export interface FieldRules {
  readonly required?: boolean;
  /** Asked of a value that is not blank. */
  readonly rule?: Rule;
  /** Under which circumstances the property counts at all; a field that is hidden can't be wrong. */
  readonly when?: (read: ReadProperty) => boolean;
  /** A rule that depends on other properties. */
  readonly ruleFor?: (read: ReadProperty) => Rule | undefined;
}

// What the runtime replaces by an environment variable before the node sees it.
const VARIABLE = /^\$[{(][^})]+[})]$/;

/** A validator of a plain property. A value that an old flow does not have yet is fine: both halves fall back to the default. */
export function field(rules: FieldRules): PropertyValidator {
  return function (value, options) {
    const read: ReadProperty = (property) => currentValue(this, property);
    if (value === undefined || value === null || rules.when?.(read) === false) {
      return true;
    }
    return verdict(this, checkText(String(value), rules, read), options.label);
  };
}

/**
 * A validator of a property with a twin `<property>Type`: the rule is asked of text (and JSON) that is typed in; other types are
 * checked for their form only, since their value is known at run time alone.
 */
export function typedField(property: string, rules: FieldRules = {}): PropertyValidator {
  return function (value, options) {
    const read: ReadProperty = (name) => currentValue(this, name);
    if (rules.when?.(read) === false) {
      return true;
    }
    const type = String(read(`${property}Type`) || "str");
    const text = String(read(property) ?? value);
    const isTypedIn = type === "str" || (rules.rule !== undefined && ["json", "num"].includes(type));
    if (isTypedIn || text.trim() === "") {
      return verdict(this, checkText(text, rules, read), options.label);
    }
    const checked = RED.utils.validateTypedProperty(text, type, {});
    return checked === true ? true : labelled(String(checked), options.label);
  };
}

/** What is asked of a list of pairs. */
export interface PairRules {
  readonly key: "key" | "name";
  readonly when?: (read: ReadProperty) => boolean;
  readonly required?: boolean;
  readonly limit?: number;
  readonly keyPattern?: RegExp;
}

/** A validator of a list of `{ key, value }` or `{ name, value }`. */
export function pairs(rules: PairRules): PropertyValidator {
  return function (value, options) {
    const read: ReadProperty = (property) => currentValue(this, property);
    if (!Array.isArray(value) || rules.when?.(read) === false) {
      return true;
    }
    return verdict(this, checkPairs(value, rules), options.label);
  };
}

function checkText(text: string, rules: FieldRules, read: ReadProperty): Reason | undefined {
  if (text.trim() === "") {
    return rules.required ? { key: "missing" } : undefined;
  }
  if (VARIABLE.test(text)) {
    return undefined;
  }
  const rule = rules.ruleFor ? rules.ruleFor(read) : rules.rule;
  return rule?.(text);
}

function checkPairs(list: readonly Record<string, unknown>[], rules: PairRules): Reason | undefined {
  const keys = list.map((pair) => String(pair[rules.key] ?? "").trim());
  if (rules.required && keys.length === 0) {
    return { key: "missing" };
  }
  if (keys.includes("")) {
    return { key: "pairKeyMissing" };
  }
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) {
    return { key: "pairKeyTwice", values: { name: twice } };
  }
  const odd = keys.find((key) => rules.keyPattern && !rules.keyPattern.test(key));
  if (odd !== undefined) {
    return { key: "pairKeyIllegal", values: { name: odd } };
  }
  return rules.limit !== undefined && keys.length > rules.limit
    ? { key: "pairsTooMany", values: { limit: rules.limit } }
    : undefined;
}

function verdict(node: EditorNode, reason: Reason | undefined, label: string | undefined): true | string {
  return reason === undefined ? true : labelled(node._(`lightly-aws.reason.${reason.key}`, reason.values), label);
}

function labelled(text: string, label: string | undefined): string {
  return label ? `${label}: ${text}` : text;
}
