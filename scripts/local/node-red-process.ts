import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, rm, stat, symlink, writeFile } from "node:fs/promises";
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
  const child = spawn(process.execPath, [entryPoint(options.package ?? "node-red"), "--userDir", userDir], {
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
  settings,
}: StartNodeRedOptions): Promise<void> {
  const nodeModules = join(userDir, "node_modules");
  await mkdir(nodeModules, { recursive: true });
  await install(nodeModules);
  await writeFile(join(userDir, "settings.js"), settingsModule(port, settings));
  const flowFile = join(userDir, "flows.json");
  if (!(await stat(flowFile).catch(() => undefined))) {
    await cp(flow, flowFile);
  }
}

async function linkCheckout(nodeModules: string): Promise<void> {
  const link = join(nodeModules, "node-red-contrib-lightly-aws");
  await rm(link, { force: true });
  await symlink(PACKAGE_ROOT, link, "junction");
}

function settingsModule(port: number, further = ""): string {
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
 * The editor answers before the flows have started, and `/flows/state` is "start" from the beginning: only the log is reliable.
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
