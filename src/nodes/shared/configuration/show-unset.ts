import { ownEntry } from "../../../errors/own-entry.ts";
import type { Node, NodeAPI } from "../node-red.ts";
import { StepStatus } from "../step/step-status.ts";
import { configuredNodes, unsetOf } from "./configured-nodes.ts";
import { NODE_FIELDS } from "./node-fields.ts";

/** A status is short: further fields are only counted. */
const MAX_SHOWN = 2;

const listening = new WeakSet<object>();
/** The marked nodes. */
const marked = new WeakSet<Node>();

/**
 * Marks all steps that have no value for a required field, each time flows have started: all nodes and accounts exist then. A node that a
 * partial deploy has not restarted loses its mark when the value is there.
 */
export function showUnsetOnStart(red: NodeAPI): void {
  // One listener for all nodes, because Node-RED's emitter outlives them.
  if (listening.has(red.events)) {
    return;
  }
  listening.add(red.events);
  red.events.on("flows:started", () => {
    for (const { red: own, node } of configuredNodes()) {
      if (!showUnset(own, node) && marked.delete(node)) {
        node.status({});
      }
    }
  });
}

/** Shows which fields of a step have no value, unless all have one. Returns whether it is shown. An account has no status. */
export function showUnset(red: NodeAPI, node: Node): boolean {
  const isStep = ownEntry(NODE_FIELDS, node.type)?.retries !== undefined;
  const unset = isStep ? unsetOf(node.id) : [];
  if (unset.length === 0) {
    return false;
  }
  const labels = [...new Set(unset.map((one) => labelOf(red, one.node.type, one.field)))];
  const more = labels.length - MAX_SHOWN;
  const fields = more > 0 ? [...labels.slice(0, MAX_SHOWN), `+${more}`] : labels;
  new StepStatus(red, node).show("failed", "notConfigured", { fields: fields.join(", ") });
  marked.add(node);
  return true;
}

/** The label of the field in the form, in the language of the server. */
function labelOf(red: NodeAPI, type: string, field: string): string {
  const key = ownEntry(NODE_FIELDS, type)?.[field]?.label ?? `${type}.label.${field}`;
  // The catalog of an account belongs to another set of this package.
  return red._(`node-red-contrib-lightly-aws/${type}:${key}`);
}
