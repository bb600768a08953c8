import type { NodeAPI } from "node-red";

/** An account as deployed, with environment variables as `${NAME}`. */
export interface DeployedAccount {
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The secrets, which Node-RED stores separately from the flow. */
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** Finds a deployed account by id and type. `undefined` for the id of a node of another type. */
export function findDeployed(red: NodeAPI, id: string, type: string): DeployedAccount | undefined {
  let found: DeployedAccount | undefined;
  red.nodes.eachNode((node) => {
    if (node.id === id && node.type === type) {
      found = { type, values: { ...node }, credentials: { ...Object(red.nodes.getCredentials(id)) } };
    }
  });
  return found;
}
