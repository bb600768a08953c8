import type { Connections } from "../../../services/http/connections/connections.ts";

/** The fields of an account for its connections. */
export interface ConnectionFields {
  readonly proxy?: string | undefined;
  readonly caFile?: string | undefined;
}

/** By account node, until the next deploy. */
const opened = new WeakMap<object, Connections>();

/**
 * Returns the connections of a Lightly or Pexels account: its own if it has a proxy or a CA file, else those of the environment.
 *
 * @param account - the node; all of its requests share its connections
 */
export async function connectionsOf(account: object, { proxy, caFile }: ConnectionFields): Promise<Connections> {
  const { Connections, environmentConnections } = await import("../../../services/http/connections/connections.ts");
  if (proxy === undefined && caFile === undefined) {
    return environmentConnections();
  }
  const connections =
    opened.get(account) ??
    new Connections({
      proxy,
      ...(caFile !== undefined && { caFile: { path: caFile, setBy: 'the field "CA file" of the account' } }),
    });
  opened.set(account, connections);
  return connections;
}
