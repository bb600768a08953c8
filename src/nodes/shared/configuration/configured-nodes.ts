import { ownEntry } from "../../../errors/own-entry.ts";
import { migrate } from "../../../fields/migrations.ts";
import { type UnsetValue, unsetValues } from "../../../fields/unset-values.ts";
import type { Node, NodeAPI, NodeDef } from "../node-red.ts";
import { NODE_FIELDS } from "./node-fields.ts";
import { type VariableOrigin, variableOrigin } from "./variable-origin.ts";

/** A running step or account, with its form as Node-RED has started it. */
export interface ConfiguredNode {
  readonly node: Node<object>;
  readonly def: Readonly<Record<string, unknown>>;
  /** The API of the node's set, with its catalog. */
  readonly red: NodeAPI;
}

/** A value that a step needs and does not have. */
export interface UnsetOfNode extends UnsetValue {
  /** The step, or its account. */
  readonly node: Pick<Node, "id" | "type" | "name">;
}

const configured = new Map<string, ConfiguredNode>();

/** Migrates the form of a step or account, and remembers it until its node closes. */
export function registerConfigured(red: NodeAPI, node: Node<object>, def: NodeDef): void {
  migrate(node.type, def as NodeDef & Record<string, unknown>);
  const one = { red, node, def: { ...def } };
  configured.set(node.id, one);
  node.on("close", () => {
    // Its successor may be there already.
    if (configured.get(node.id) === one) {
      configured.delete(node.id);
    }
  });
}

/** All running steps and accounts. */
export function configuredNodes(): ConfiguredNode[] {
  return [...configured.values()];
}

/** The accounts that a step has chosen and that exist; none for an unknown id. */
export function accountsOfStep(nodeId: string): ConfiguredNode[] {
  const found = configured.get(nodeId);
  return found ? accountsOf(found) : [];
}

function accountsOf({ node, def }: ConfiguredNode): ConfiguredNode[] {
  return Object.entries(fieldsOf(node)).flatMap(([name, { kind, accountType }]) => {
    const account = kind === "account" ? configured.get(String(def[name] ?? "")) : undefined;
    return account && account.node.type === accountType ? account : [];
  });
}

/** Returns the values that a running step and its accounts need and do not have; none for an unknown id. */
export function unsetOf(nodeId: string): UnsetOfNode[] {
  const found = configured.get(nodeId);
  return found ? [found, ...accountsOf(found)].flatMap(unsetIn) : [];
}

function unsetIn({ red, node, def }: ConfiguredNode): UnsetOfNode[] {
  const isAccount = node.type.endsWith("-account");
  const unset = unsetValues(fieldsOf(node), {
    stored: { ...def, ...Object(node.credentials) },
    // Accounts read the environment of Node-RED itself.
    variable: (name) => (isAccount ? process.env[name] : variableOf(red, node, name)),
    hasAccount: (id, type) => configured.get(id)?.node.type === type,
  });
  return unset.map((one) => ({ node, ...one }));
}

/** A variable of a flow whose value is that of another variable is an empty string if the other one is not set. */
export function variableOf(red: NodeAPI, node: Node<object>, name: string): unknown {
  const value: unknown = red.util.getSetting(node, name);
  if (value !== "") {
    return value;
  }
  const origin = originOf(red, node, name);
  return origin.isTaken && process.env[origin.name] === undefined ? undefined : value;
}

/** The variable that has to be set for a variable of a node: see {@link variableOrigin}. */
export function originOf(red: NodeAPI, node: object, name: string): VariableOrigin {
  const defs = new Map<string, object>();
  red.nodes.eachNode((def) => {
    defs.set(def.id, def);
  });
  return variableOrigin(name, node, defs);
}

function fieldsOf({ type }: Pick<Node, "type">) {
  return ownEntry(NODE_FIELDS, type) ?? {};
}
