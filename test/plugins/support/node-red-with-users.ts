import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../scripts/local/free-port.ts";
import { type NodeRedProcess, startNodeRed } from "../../../scripts/local/node-red-process.ts";

/** In this Node-RED a bearer token is the list of its bearer's permissions, with `+` between them. */
const SETTINGS = `adminAuth: { type: "credentials", users: [], tokens: async (token) => ({ username: "x", permissions: token.split("+") }) },`;

/**
 * Starts a Node-RED that asks who its users are, in a folder of its own.
 *
 * @returns the process; its `close` removes the folder too
 */
export async function startNodeRedWithUsers(
  nodes: readonly object[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<NodeRedProcess> {
  const folder = await mkdtemp(join(tmpdir(), "lightly-aws-users-"));
  const flow = join(folder, "flow.json");
  await writeFile(flow, JSON.stringify(nodes));
  const nodeRed = await startNodeRed({
    userDir: join(folder, "user"),
    port: await freePort(),
    flow,
    environment,
    settings: SETTINGS,
  });
  return {
    ...nodeRed,
    close: async () => {
      await nodeRed.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
