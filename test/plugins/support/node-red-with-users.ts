import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type NodeRedProcess, startNodeRed } from "../../../scripts/local/node-red-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** In this Node-RED a bearer token is a list of permissions, separated by `+`. */
const SETTINGS = `adminAuth: { type: "credentials", users: [], tokens: async (token) => ({ username: "x", permissions: token.split("+") }) },`;

/** Starts a Node-RED with users. */
export async function startNodeRedWithUsers(
  nodes: readonly object[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<NodeRedProcess> {
  const folder = temporaryFolder();
  const flow = join(folder, "flow.json");
  await writeFile(flow, JSON.stringify(nodes));
  return startNodeRed({
    userDir: join(folder, "user"),
    flow,
    environment,
    settings: SETTINGS,
  });
}
