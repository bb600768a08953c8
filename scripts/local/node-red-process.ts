import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { PACKAGE_ROOT, resolvePackage } from "./package-root.ts";

export interface StartNodeRedOptions {
  readonly userDir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** The initial flow file; an existing one is not replaced. */
  readonly flow: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The npm name of the Node-RED to run. Default `node-red`. */
  readonly package?: string;
  /** Installs this package in the user directory's `node_modules`. Default: links this checkout. */
  readonly install?: (nodeModules: string) => Promise<void>;
  /** Loads all core nodes, for users and measurements. Default, for tests: a quicker start, with those slow nodes that are in the flow. */
  readonly allNodes?: boolean;
  /** Further properties of Node-RED's settings, as JavaScript source. */
  readonly settings?: string;
  /** Receives each line that Node-RED logs. */
  readonly onLog?: (line: string) => void;
}

/** A Node-RED process. */
export interface NodeRedProcess {
  readonly url: string;
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<void>;
  /** Stops the process; kills it after ten seconds. Resolves when it has ended. */
  close(): Promise<void>;
  /** Kills the process immediately, like a crash or a power cut. */
  kill(): Promise<void>;
}

/** A start creates most objects of a short test. With room for them, the garbage collector runs less often: a tenth of the time of a start. */
const QUICKER = ["--min-semi-space-size=32"];

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

/**
 * Starts Node-RED with this package and a flow, and waits until its flows have started.
 *
 * @throws Error with the log of Node-RED when it ends, or does not start its flows within a minute
 */
export async function startNodeRed(options: StartNodeRedOptions): Promise<NodeRedProcess> {
  const { userDir, onLog } = options;
  await prepareUserDir(options);
  const logged: string[] = [];
  const entry = entryPoint(options.package ?? "node-red");
  const child = spawn(process.execPath, [...(options.allNodes ? [] : QUICKER), entry, "--userDir", userDir], {
    env: { ...process.env, ...options.environment },
    // The IPC channel ends Node-RED when this process ends.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const ended = once(child, "exit").then(() => undefined);
  let isStarting = true;
  for (const input of [child.stdout, child.stderr].filter((stream) => stream !== null)) {
    createInterface({ input }).on("line", (line) => {
      if (isStarting) {
        logged.push(line);
      }
      onLog?.(line);
    });
  }
  const close = (): Promise<void> => stop(child, ended);
  const kill = (): Promise<void> => {
    child.kill("SIGKILL");
    return ended;
  };
  try {
    const url = await untilReady(child, logged);
    isStarting = false;
    return { url, ended, close, kill };
  } catch (error) {
    await close();
    throw error;
  }
}

async function prepareUserDir({
  userDir,
  port = 0,
  flow,
  install = linkCheckout,
  allNodes = false,
  settings = "",
}: StartNodeRedOptions): Promise<void> {
  const nodeModules = join(userDir, "node_modules");
  await mkdir(nodeModules, { recursive: true });
  await install(nodeModules);
  const flowFile = join(userDir, "flows.json");
  if (!(await stat(flowFile).catch(() => undefined))) {
    await cp(flow, flowFile);
  }
  const further = allNodes ? settings : `${await quickStart(flowFile)}${settings}`;
  await writeFile(join(userDir, "settings.js"), settingsModule(port, further));
}

const PACKAGE = "node-red-contrib-lightly-aws";

async function linkCheckout(nodeModules: string): Promise<void> {
  const link = join(nodeModules, PACKAGE);
  await rm(link, { force: true });
  await symlink(PACKAGE_ROOT, link, "junction");
}

/** Core nodes that load large modules: together about half of the start. Their types, by file. */
const SLOW_NODES: Readonly<Record<string, readonly string[]>> = {
  "05-tls.js": ["tls-config"],
  "06-httpproxy.js": ["http proxy"],
  "10-file.js": ["file", "file in"],
  "10-mqtt.js": ["mqtt in", "mqtt out", "mqtt-broker"],
  "21-httprequest.js": ["http request"],
  "22-websocket.js": ["websocket in", "websocket out", "websocket-listener", "websocket-client"],
  "23-watch.js": ["watch"],
  "31-tcpin.js": ["tcp in", "tcp out", "tcp request"],
  "32-udp.js": ["udp in", "udp out"],
  "70-CSV.js": ["csv"],
  "70-HTML.js": ["html"],
  "70-JSON.js": ["json"],
  "70-XML.js": ["xml"],
  "70-YAML.js": ["yaml"],
  "90-exec.js": ["exec"],
};

/**
 * Settings that halve the time of a start: without slow nodes that the flow does not use, without the search for nodes in the packages beside
 * Node-RED, and without the installation of nodes, which asks npm.
 */
async function quickStart(flowFile: string): Promise<string> {
  const nodes = JSON.parse(await readFile(flowFile, "utf8")) as ReadonlyArray<{ readonly type: string }>;
  const used = new Set(nodes.map(({ type }) => type));
  const slow = Object.keys(SLOW_NODES).filter((file) => !SLOW_NODES[file]?.some((type) => used.has(type)));
  otherPackages ??= packagesIn(join(dirname(resolvePackage("node-red/package.json")), ".."));
  const excluded = [...slow, ...(await otherPackages)];
  return `nodesExcludes: ${JSON.stringify(excluded)}, externalModules: { palette: { allowInstall: false } },`;
}

let otherPackages: Promise<string[]> | undefined;

/** The names of all packages but this one in a folder `node_modules`, without their scopes. */
async function packagesIn(nodeModules: string): Promise<string[]> {
  const names = await readdir(nodeModules);
  const scoped = names.filter((name) => name.startsWith("@")).map((scope) => readdir(join(nodeModules, scope)));
  return [...new Set([...names, ...(await Promise.all(scoped)).flat()])].filter((name) => name !== PACKAGE);
}

function settingsModule(port: number, further: string): string {
  return `process.channel?.unref();
process.on("disconnect", () => process.exit());
module.exports = {
  uiHost: "127.0.0.1",
  uiPort: ${port},
  flowFile: "flows.json",
  credentialSecret: "stored on this machine only",
  logging: { console: { level: "info", metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false },
  lang: "en-US",
  ${further}
};
`;
}

/** `red.js` of an installed Node-RED. */
function entryPoint(name: string): string {
  return join(dirname(resolvePackage(`${name}/package.json`)), "red.js");
}

/**
 * The editor responds before the flows have started, and `/flows/state` is "start" from the beginning: only the log is reliable.
 *
 * @returns the address of Node-RED
 */
async function untilReady(child: ChildProcess, logged: readonly string[]): Promise<string> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const [, url] = logged.join("\n").match(/Server now running at (\S+)\//) ?? [];
    if (url && logged.some((line) => line.includes("Started flows"))) {
      return url;
    }
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`Node-RED stopped during its start:\n${logged.join("\n")}`);
    }
    if (Date.now() >= deadline) {
      throw new Error(`Node-RED did not start its flows within a minute:\n${logged.join("\n")}`);
    }
    await pause(50);
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  child.kill("SIGTERM");
  const limit = new AbortController();
  await Promise.race([ended, pause(STOP_LIMIT_MS, undefined, { signal: limit.signal }).catch(() => undefined)]);
  limit.abort();
  child.kill("SIGKILL");
  await ended;
}
