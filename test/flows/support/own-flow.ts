import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type NodeRedProcess, startNodeRed } from "../../../scripts/local/node-red-process.ts";
import { until } from "../../nodes/support/until.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import type { FlowNode } from "./restarts.ts";

export interface OwnFlowOptions {
  readonly nodes: () => FlowNode[];
  /** By the node's id. */
  readonly credentials?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Additional files of the user directory, by their path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A Node-RED with the flow of a test, which can be ended and started again with the same user directory. */
export interface OwnFlow {
  readonly url: string;
  readonly log: readonly string[];
  /** Whether the process has ended. */
  readonly isDead: boolean;
  /** Member names of built-in prototypes in the process that this process does not have. */
  pollution(): Promise<unknown>;
  /** The names of the journal's files. */
  journal(): Promise<string[]>;
  start(): Promise<void>;
  /** Posts JSON to an address of the flow. Retries while the address does not exist yet. */
  post(path: string, body: string, signal?: AbortSignal): Promise<Response>;
  kill(): Promise<void>;
}

/** In the process itself, because a function node has its own built-in objects. */
const SETTINGS = `
  credentialSecret: false,
  httpAdminMiddleware: (request, response, next) => request.url === "/test/pollution"
    ? response.json([Object, Array, Function, String].flatMap((type) => {
        const keys = [];
        for (const key in type.prototype) keys.push(key);
        return keys.concat(Object.getOwnPropertyNames(type.prototype).length);
      }))
    : next(),
`;

/** The result of a process whose prototypes were not changed. */
export const CLEAN = [Object, Array, Function, String].map(
  ({ prototype }) => Object.getOwnPropertyNames(prototype).length,
);

/** Sets it up for a file's tests: one user directory for all of them. */
export function useOwnFlow({ nodes, credentials = {}, files = {} }: OwnFlowOptions): OwnFlow {
  const log: string[] = [];
  const userDir = temporaryFolder();
  let nodeRed: NodeRedProcess | undefined;
  let isDead = false;

  const flow: OwnFlow = {
    get url() {
      return nodeRed?.url ?? "";
    },
    log,
    get isDead() {
      return isDead;
    },
    pollution: async () => (await fetch(`${flow.url}/test/pollution`)).json(),
    journal: async () => (await readdir(join(userDir, "lightly-aws", "runs")).catch(() => [])).sort(),
    start: async () => {
      nodeRed = await startNodeRed({
        userDir,
        flow: join(userDir, "flows.json"),
        environment: {},
        settings: SETTINGS,
        onLog: (line) => log.push(line),
      });
      isDead = false;
      // The admin API and the flow's addresses exist a moment after the flows have started.
      await until(async () => (await fetch(`${flow.url}/lightly-aws/runs`)).ok);
      void nodeRed.ended.then(() => {
        isDead = true;
      });
    },
    post: async (path, body, signal) => {
      const headers = { "content-type": "application/json" };
      let response: Response | undefined;
      await until(async () => {
        response = await fetch(`${flow.url}${path}`, { method: "POST", headers, body, signal: signal ?? null });
        return response.status !== 404;
      });
      return response as Response;
    },
    kill: async () => nodeRed?.kill(),
  };

  before(async () => {
    await writeFile(join(userDir, "flows.json"), JSON.stringify(nodes().map(placed)));
    await writeFile(join(userDir, "flows_cred.json"), JSON.stringify(credentials));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(userDir, path, ".."), { recursive: true });
      await writeFile(join(userDir, path), text);
    }
    await flow.start();
  });
  after(() => nodeRed?.close());
  return flow;
}

/** Without a position, Node-RED treats a node of a tab as a config node. */
function placed(node: FlowNode): FlowNode {
  return node.z === undefined ? node : { x: 100, y: 100, ...node };
}
