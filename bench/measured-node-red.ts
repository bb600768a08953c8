import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type NodeRedProcess, startNodeRed } from "../scripts/local/node-red-process.ts";
import type { Bench } from "./benchmark.ts";

/** The measurements of a Node-RED at the start of its flows. */
export interface StartFacts {
  readonly pid: number;
  /** Since the start of the process. */
  readonly elapsedMs: number;
  /** Time on a processor, which a busy machine changes less than the elapsed time. */
  readonly cpuMs: number;
  /** Modules of the AWS SDK in memory. Node-RED itself reads the package.json of all installed packages. */
  readonly sdkModules: number;
}

/** A running Node-RED and how it started. */
export interface MeasuredNodeRed extends NodeRedProcess {
  readonly start: StartFacts;
}

const MARK = "[bench] ";

/** An additional log handler: only the process of Node-RED knows the start of the flows to the millisecond. */
const SETTINGS = `logging: {
    console: { level: "info", metrics: false, audit: false },
    bench: { level: "info", metrics: false, audit: false, handler: () => ({ msg }) => {
      if (String(msg).includes("Started flows")) {
        const { user, system } = process.cpuUsage();
        console.log(${JSON.stringify(MARK)} + JSON.stringify({
          pid: process.pid,
          elapsedMs: performance.now(),
          cpuMs: (user + system) / 1000,
          sdkModules: Object.keys(require.cache).filter((path) => /[\\\\/](@aws-sdk|@smithy|dist[\\\\/]sdk)[\\\\/].*\\.[cm]?js$/.test(path)).length,
        }));
      }
    } },
  },`;

/** Leaves Node-RED with its own nodes only. */
export async function installNothing(nodeModules: string): Promise<void> {
  await mkdir(nodeModules, { recursive: true });
}

/**
 * Starts Node-RED 5, with this package, and closes it at the end of the benchmark at the latest.
 *
 * @param options.name - of the user directory; a second start with the same name uses the files of the first one
 */
export async function startMeasured(
  bench: Bench,
  options: {
    readonly name: string;
    readonly flow: string;
    /** Installs something else than this package in `node_modules`. */
    readonly install?: ((nodeModules: string) => Promise<void>) | undefined;
    readonly environment?: Readonly<Record<string, string>>;
    /** Further properties of Node-RED's settings, as JavaScript source. */
    readonly settings?: string;
    readonly onLog?: (line: string) => void;
  },
): Promise<MeasuredNodeRed> {
  bench.signal.throwIfAborted();
  const { promise: start, resolve: started } = Promise.withResolvers<StartFacts>();
  const nodeRed = await startNodeRed({
    userDir: join(bench.folder, options.name),
    flow: options.flow,
    allNodes: true,
    environment: { ...options.environment },
    settings: `${SETTINGS}\n${options.settings ?? ""}`,
    ...(options.install ? { install: options.install } : {}),
    onLog: (line) => {
      options.onLog?.(line);
      if (line.startsWith(MARK)) {
        started(JSON.parse(line.slice(MARK.length)) as StartFacts);
      }
    },
  });
  bench.defer(() => nodeRed.close());
  return { ...nodeRed, start: await start };
}
