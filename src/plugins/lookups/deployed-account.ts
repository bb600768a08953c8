import type { NodeAPI } from "node-red";

/** An account as it was deployed, before Node-RED has put environment variables in: `${NAME}` stands here as text. */
export interface DeployedAccount {
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** What Node-RED keeps apart from the flow; secret. */
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** Finds a deployed account by id and type; `undefined` for an id that belongs to a node of another type. */
export function findDeployed(red: NodeAPI, id: string, type: string): DeployedAccount | undefined {
  let found: DeployedAccount | undefined;
  red.nodes.eachNode((node) => {
    if (node.id === id && node.type === type) {
      found = { type, values: { ...node }, credentials: { ...Object(red.nodes.getCredentials(id)) } };
    }
  });
  return found;
}
