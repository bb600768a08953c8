import { type Field, type Fields, isShown } from "./field.ts";
import { variableIn } from "./variable.ts";

/** A required value that is known to be missing before any message arrives. */
export interface UnsetValue {
  readonly field: string;
  /** The environment variable from which the field takes its value, or may take it. */
  readonly variable?: string;
}

/** What a node or account stores, for {@link unsetValues}. */
export interface StoredNode {
  /** The properties of the form and the secrets, as a flow stores them. */
  readonly stored: Readonly<Record<string, unknown>>;
  /** The value of a variable for this node; undefined if it is not set. */
  readonly variable: (name: string) => unknown;
  /** Whether an account exists. Default: every chosen account does. */
  readonly hasAccount?: (id: string, type: string) => boolean;
}

const REFERENCE = /\$\{([^${}]+)\}/g;

/**
 * Finds the required fields of a node that have no value: blank fields, fields whose variable is not set, and accounts that are not
 * chosen. A field that does not apply with the current choices is not required. What comes from a message, the context or JSONata is known
 * only when a message arrives, and is not in the list.
 */
export function unsetValues(fields: Fields, node: StoredNode): UnsetValue[] {
  const read = (property: string): unknown => {
    const value = node.stored[property];
    return isBlank(value) ? (fields[property]?.whenAbsent ?? fields[property]?.value) : value;
  };
  return Object.entries(fields).flatMap(([name, field]) =>
    isShown(field, read) ? unsetVariables(name, field, node).map((one) => ({ field: name, ...one })) : [],
  );
}

/** One entry per variable that is missing, or one without a variable for a blank field. */
function unsetVariables(name: string, field: Field, node: StoredNode): { variable?: string }[] {
  const { stored, variable, hasAccount = (id) => id !== "" } = node;
  const isAbsent = stored[name] === undefined || stored[name] === null;
  const raw = isAbsent ? (field.whenAbsent ?? field.value) : stored[name];
  const type = stored[`${name}Type`] ?? (isAbsent ? field.typed?.from : undefined) ?? "str";
  if (field.kind === "account") {
    const id = String(raw ?? "");
    return (field.required || id !== "") && !hasAccount(id, field.accountType ?? "") ? [{}] : [];
  }
  if (field.kind === "pairs") {
    return field.pairs?.required && !(Array.isArray(raw) && raw.length > 0) ? [{}] : [];
  }
  if (isBlank(raw)) {
    const { fallback } = field;
    if (fallback !== undefined) {
      return isBlank(variable(fallback)) ? [{ variable: fallback }] : [];
    }
    return field.required ? [{}] : [];
  }
  if (typeof raw !== "string" || (type !== "str" && type !== "env")) {
    return [];
  }
  const whole = variableIn(raw.trim());
  if (whole !== undefined) {
    return variable(whole) === undefined ? [{ variable: whole }] : [];
  }
  if (type !== "env") {
    return [];
  }
  const parts = [...raw.matchAll(REFERENCE)].map(([, part = ""]) => part);
  return parts.length > 0
    ? parts.filter((part) => variable(part) === undefined).map((part) => ({ variable: part }))
    : field.required && isBlank(variable(raw.trim()))
      ? [{ variable: raw.trim() }]
      : [];
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}
