import { type PipelineError, toPipelineError } from "../errors/pipeline-error.ts";
import { type Field, type Fields, isShown } from "../fields/field.ts";
import { variableIn } from "../fields/variable.ts";
import { isBlank, parseField } from "../nodes/shared/inputs/parse-field.ts";
import { type FlowNode, labelOf } from "./flow-node.ts";

/** The value of a field as far as it is known without a message. */
export type StaticValue =
  /** A value in the unit of the form; undefined for a blank field. */
  | { readonly known: unknown }
  /** It comes from the message, the context or JSONata. */
  | { readonly later: string }
  /** A variable is not set, or a required field is blank: the list of unset values has it. */
  | { readonly unset: true }
  | { readonly fault: PipelineError };

const REFERENCE = /\$\{([^${}]+)\}/g;

/** Reads a field that does not depend on a message, with the rules of the runtime. A field that does not apply is undefined. */
export function staticValue(node: FlowNode, fields: Fields, name: string): StaticValue {
  const field = fields[name] as Field;
  const read = (property: string): unknown => {
    const value = node.stored[property];
    return isBlank(value) ? (fields[property]?.whenAbsent ?? fields[property]?.value) : value;
  };
  if (!isShown(field, read)) {
    return { known: undefined };
  }
  const isAbsent = node.stored[name] === undefined || node.stored[name] === null;
  const raw = isAbsent ? (field.whenAbsent ?? field.value) : node.stored[name];
  const type = node.stored[`${name}Type`] ?? (isAbsent ? field.typed?.from : undefined) ?? "str";
  if (!isBlank(raw) && /^(?:msg|flow|global|jsonata)$/.test(String(type))) {
    return { later: `${String(type)}.${String(raw)}` };
  }
  const value = type === "env" && typeof raw === "string" ? ofVariables(raw, node) : raw;
  if (value === UNSET || (typeof value === "string" && variableIn(value.trim()) !== undefined)) {
    return { unset: true };
  }
  if (isBlank(value) && field.required && field.kind !== "pairs" && field.kind !== "any") {
    return { unset: true };
  }
  try {
    const parsed = parseField({ who: labelOf(node), name, field, value: inJson(value, type), read });
    return { known: field.unit && typeof parsed === "number" ? parsed / field.unit.factor : parsed };
  } catch (error) {
    return { fault: toPipelineError(error) };
  }
}

/** The value of a field if it is known; undefined otherwise. */
export function knownValue(node: FlowNode, fields: Fields, name: string): unknown {
  const value = staticValue(node, fields, name);
  return "known" in value ? value.known : undefined;
}

/** A text that is known; undefined otherwise. */
export function knownText(node: FlowNode, fields: Fields, name: string): string | undefined {
  const value = knownValue(node, fields, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

const UNSET = Symbol("a variable that is not set");

/** As Node-RED evaluates the type `env`: the name of a variable, or a text with references. */
function ofVariables(text: string, node: FlowNode): unknown {
  const parts = [...text.matchAll(REFERENCE)].map(([, name = ""]) => name);
  if (parts.length === 0) {
    return node.variable(text.trim()) ?? undefined;
  }
  return parts.some((name) => node.variable(name) === undefined)
    ? UNSET
    : text.replaceAll(REFERENCE, (_whole, name: string) => String(node.variable(name)));
}

function inJson(value: unknown, type: unknown): unknown {
  return type === "json" && typeof value === "string" && value.trim() !== "" ? JSON.parse(value) : value;
}
