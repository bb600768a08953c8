import { ownEntry } from "../../errors/own-entry.ts";
import { NODE_FIELDS } from "../../nodes/shared/configuration/node-fields.ts";
import type { FlowNode } from "../flow-node.ts";
import { knownText, knownValue } from "../static-value.ts";

/** The value of a field of a step; undefined if the step has no such field, or the value is known only when a message arrives. */
export function fieldOf(step: FlowNode, name: string): unknown {
  const fields = ownEntry(NODE_FIELDS, step.type) ?? {};
  return fields[name] === undefined ? undefined : knownValue(step, fields, name);
}

/** The same as a text. */
export function textOf(step: FlowNode, name: string): string | undefined {
  const fields = ownEntry(NODE_FIELDS, step.type) ?? {};
  return fields[name] === undefined ? undefined : knownText(step, fields, name);
}

/** The same as a number. */
export function numberOf(step: FlowNode, name: string): number | undefined {
  const value = fieldOf(step, name);
  return typeof value === "number" ? value : undefined;
}
