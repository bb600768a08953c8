import { rmSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Delays, type Sandbox, startSandbox, type WatchedRequest } from "lightly-aws-sandbox";
import { WORKER_USER_AGENT as WORKER } from "lightly-aws-sandbox/worker";
import { freePort } from "../../scripts/local/free-port.ts";
import { CLIPS_DIR } from "../../scripts/local/local-stack.ts";
import { type NodeRedProcess, startNodeRed } from "../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { installFrom } from "./built-package.ts";
import { VideoFiles } from "./video-files.ts";

/** A node of a flow file. */
export type FlowNode = { readonly id: string; readonly type: string } & Readonly<Record<string, unknown>>;

/** The folder of a world. */
export interface Folders {
  readonly stateDir: string;
  /** The journal of the runs. */
  readonly journalDir: string;
}

export interface WorldOptions {
  readonly stateDir: string;
  /** From `copyBuild`. */
  readonly build: string;
  readonly delays?: Partial<Delays>;
  /** Changes the example flow, such as limits that are too long for a test. */
  readonly flow?: (nodes: readonly FlowNode[]) => readonly FlowNode[];
  /** Environment variables of Node-RED in addition to the sandbox's. */
  readonly environment?: (
    sandbox: Sandbox,
    folders: Folders,
  ) => Promise<Record<string, string>> | Record<string, string>;
}

/** A request of the pipeline in the sandbox. */
export interface TracedRequest extends WatchedRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Short enough for a round of two seconds, long enough to kill Node-RED in every state. */
const DELAYS: Partial<Delays> = { startMs: 150, onlineMs: 150, stopMs: 120, deliveryMs: 40, workerPollMs: 40 };

/**
 * A sandbox in this process and a Node-RED in another one, which may be killed and restarted. Both are used for many rounds.
 */
export class World {
  readonly sandbox: Sandbox;
  readonly videos: VideoFiles;
  readonly stateDir: string;
  readonly userDir: string;
  /** The journal of the runs. */
  readonly journalDir: string;
  /** The log of Node-RED since the start of the round, with the actions of the harness. */
  log: string[] = [];
  /** The requests of the pipeline since the start of the round, without those of the worker. */
  trace: TracedRequest[] = [];
  /** Called if Node-RED ends without a kill. */
  crashed = false;
  readonly #port: number;
  readonly #options: WorldOptions;
  readonly #listeners: Set<(request: TracedRequest) => void>;
  #nodeRed: NodeRedProcess | undefined;
  /** Settles when a current start has ended. */
  #starting: Promise<void> | undefined;
  #isWanted = false;
  #isClosed = false;

  private constructor(
    options: WorldOptions,
    sandbox: Sandbox,
    videos: VideoFiles,
    port: number,
    listeners: Set<(request: TracedRequest) => void>,
  ) {
    this.#options = options;
    this.#port = port;
    this.#listeners = listeners;
    this.sandbox = sandbox;
    this.videos = videos;
    this.stateDir = options.stateDir;
    this.userDir = join(options.stateDir, "node-red");
    this.journalDir = join(this.userDir, "lightly-aws", "runs");
    listeners.add((request) => this.trace.push(request));
  }

  /** Starts the sandbox and Node-RED. */
  static async open(options: WorldOptions): Promise<World> {
    const { stateDir } = options;
    const videos = await VideoFiles.make(stateDir, CLIPS_DIR);
    const listeners = new Set<(request: TracedRequest) => void>();
    const sandbox = await startSandbox({
      stateDir: join(stateDir, "sandbox"),
      videosDir: videos.dir,
      worker: "instant",
      delays: { ...DELAYS, ...options.delays },
      onRequest: (request) => {
        if (request.userAgent !== WORKER) {
          for (const hear of listeners) {
            hear({ ...request, at: Date.now() });
          }
        }
      },
    });
    const world = new World(options, sandbox, videos, await freePort(), listeners);
    try {
      // The journal is watched before it exists.
      await mkdir(world.journalDir, { recursive: true, mode: 0o700 });
      await world.#writeFlow();
      await world.start();
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get isRunning(): boolean {
    return this.#nodeRed !== undefined;
  }

  /** The flow that Node-RED was started with. */
  async flow(): Promise<FlowNode[]> {
    return JSON.parse(await readFile(join(this.userDir, "flows.json"), "utf8")) as FlowNode[];
  }

  /** Calls the listener for each request of the pipeline. The returned function unsubscribes it. */
  onRequest(listener: (request: TracedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Starts Node-RED with the files of the last one. Rejects if it is killed before its flows run. */
  start(): Promise<void> {
    if (this.#isClosed) {
      return Promise.reject(new Error("This world is closed."));
    }
    this.note("Node-RED is started");
    this.#isWanted = true;
    rmSync(this.#pidFile, { force: true });
    const started = this.#launch().finally(() => {
      this.#starting = undefined;
    });
    this.#starting = started.catch(() => undefined);
    return started;
  }

  async #launch(): Promise<void> {
    const { environment, build } = this.#options;
    const nodeRed = await startNodeRed({
      userDir: this.userDir,
      port: this.#port,
      flow: join(this.stateDir, "flows.json"),
      install: installFrom(build),
      environment: {
        ...this.sandbox.environment,
        // Its temporary folder is checked too.
        TMPDIR: await this.#folder("tmp"),
        ...(await environment?.(this.sandbox, this)),
      },
      settings: `chaosPid: require("node:fs").writeFileSync(${JSON.stringify(this.#pidFile)}, String(process.pid)),`,
      onLog: (line) => this.log.push(line),
    });
    this.#nodeRed = nodeRed;
    void nodeRed.ended.then(() => {
      if (this.#nodeRed === nodeRed) {
        this.#nodeRed = undefined;
        this.crashed ||= this.#isWanted;
      }
    });
  }

  /** Starts Node-RED and kills it `ms` after it has read its settings, or as soon as its flows run. */
  async startAndKill(ms: number): Promise<void> {
    const started = this.start().catch(() => undefined);
    await Promise.race([started, this.#pid().then(() => pause(ms))]);
    await this.kill();
    await started;
  }

  /**
   * Kills Node-RED, before it returns; the promise resolves when the process is gone. One that is being started is killed as soon as
   * its process is known.
   */
  async kill(): Promise<void> {
    const nodeRed = this.#nodeRed;
    const starting = this.#starting;
    this.#isWanted = false;
    this.#nodeRed = undefined;
    if (nodeRed) {
      this.note("Node-RED is killed");
      await nodeRed.kill();
    } else if (starting) {
      const pid = await Promise.race([this.#pid(), starting]);
      this.note("Node-RED is killed while it starts");
      if (pid !== undefined) {
        process.kill(pid, "SIGKILL");
      }
      await starting;
      // It had ended before the signal.
      await this.kill();
    }
  }

  /** The process that is being started, once it has read its settings. */
  async #pid(): Promise<number | undefined> {
    for (;;) {
      const pid = Number(await readFile(this.#pidFile, "utf8").catch(() => ""));
      if (pid > 0) {
        return pid;
      }
      if (this.#starting === undefined) {
        return undefined;
      }
      await pause(2);
    }
  }

  /** Triggers the flow. Undefined if Node-RED was killed before the response. */
  async trigger(): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.url}/lightly-pipeline`, { method: "POST" });
      return ((await response.json()) as { runId: string }).runId;
    } catch {
      return undefined;
    }
  }

  /** The runs according to Node-RED; empty while it is not running. */
  async runs(): Promise<RunRecord[]> {
    try {
      const response = await fetch(`${this.url}/lightly-aws/runs`, { signal: AbortSignal.timeout(5000) });
      return (await response.json()) as RunRecord[];
    } catch {
      return [];
    }
  }

  /** A line of the harness in Node-RED's log. */
  note(text: string): void {
    this.log.push(`${new Date().toISOString()} --- ${text}`);
  }

  /** Ends Node-RED, the sandbox and all processes of its instances. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.kill();
    await this.sandbox.close();
  }

  /** Ends everything, and removes its files. */
  async destroy(): Promise<void> {
    await this.close();
    await rm(this.stateDir, { recursive: true, force: true });
  }

  get #pidFile(): string {
    return join(this.stateDir, "node-red.pid");
  }

  async #folder(name: string): Promise<string> {
    const folder = join(this.stateDir, name);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  async #writeFlow(): Promise<void> {
    const example = await readFile(join(PACKAGE_ROOT, "examples", "flows.json"), "utf8");
    const nodes = JSON.parse(example) as FlowNode[];
    await writeFile(join(this.stateDir, "flows.json"), JSON.stringify(this.#options.flow?.(nodes) ?? nodes));
  }
}
