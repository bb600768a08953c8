import { ownEntry } from "../errors/own-entry.ts";
import { unsetValues } from "../fields/unset-values.ts";
import { NODE_FIELDS } from "../nodes/shared/configuration/node-fields.ts";
import { type FlowNode, labelOf } from "./flow-node.ts";

/** A value that is missing, and everything that needs it. */
export interface MissingValue {
  /** The variable to set; absent for a field to fill in. */
  readonly variable?: string;
  readonly neededBy: readonly {
    readonly nodeId: string;
    /** The name of the node, or its type. */
    readonly node: string;
    readonly type: string;
    readonly field: string;
  }[];
}

/** All values that the nodes of a flow need and do not have: one entry per variable, and one per blank field. */
export function missingValues(nodes: readonly FlowNode[]): MissingValue[] {
  const found = new Map<string, { variable?: string; neededBy: MissingValue["neededBy"][number][] }>();
  for (const node of nodes) {
    for (const { field, variable } of unsetOf(node, nodes)) {
      const origin = variable === undefined ? undefined : node.origin(variable);
      const key = origin ?? `${node.id} ${field}`;
      const entry = found.get(key) ?? { ...(origin !== undefined && { variable: origin }), neededBy: [] };
      entry.neededBy.push({ nodeId: node.id, node: labelOf(node), type: node.type, field });
      found.set(key, entry);
    }
  }
  return [...found.values()].sort(
    (one, other) => Number(one.variable === undefined) - Number(other.variable === undefined),
  );
}

function unsetOf(node: FlowNode, nodes: readonly FlowNode[]) {
  const fields = ownEntry(NODE_FIELDS, node.type) ?? {};
  const unset = unsetValues(fields, {
    stored: node.stored,
    variable: (name) => node.variable(name),
    hasAccount: (id, type) => nodes.some((other) => other.id === id && other.type === type),
  });
  return node.hasUnknownSecrets ? unset.filter(({ field }) => fields[field]?.kind !== "secret") : unset;
}
