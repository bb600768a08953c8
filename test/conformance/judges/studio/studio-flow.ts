import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type NodeRedProcess, startNodeRed } from "../../../../scripts/local/node-red-process.ts";
import { PACKAGE_ROOT } from "../../../../scripts/local/package-root.ts";
import type { RunRecord } from "../../../../src/runs/records/run-record.ts";
import type { Setup } from "../../judge.ts";
import { onInterrupt } from "../../on-interrupt.ts";

type FlowNode = Record<string, unknown> & { readonly type: string; readonly id: string; readonly wires?: string[][] };

const LIMIT_MS = 120_000;
const POLL_MS = 25;

/** The end of `examples/studio.json`, from the start of the instance on, in a Node-RED of its own, with the real LightlyStudio. */
export class StudioFlow {
  readonly #setup: Setup;
  readonly #folder: string;
  #file = "";
  #nodeRed: NodeRedProcess | undefined;
  #button = "";
  #runId = "";

  constructor(setup: Setup, dataset: string) {
    this.#setup = setup;
    this.#folder = path.join(setup.folder, `flow-${dataset}`);
  }

  /**
   * @param dataset - which names the state and the folder of this flow, too
   * @param videos - URIs, separated by commas
   */
  static async start(setup: Setup, dataset: string, videos: string): Promise<StudioFlow> {
    const flow = new StudioFlow(setup, dataset);
    const example = await readFile(path.join(PACKAGE_ROOT, "examples/studio.json"), "utf8");
    const nodes = JSON.parse(example) as FlowNode[];
    const start = nodes.find(({ type }) => type === "lightly-ec2-start")?.id ?? "";
    const changed = nodes.map((node) => {
      switch (node.type) {
        case "inject":
          flow.#button = node.id;
          return { ...node, wires: [[start]] };
        case "lightly-studio-select":
          return {
            ...{ ...node, python: setup.python, embedder: "grid", frames: "all", amount: "number", count: "12" },
            ...{ datasetName: dataset, datasetNameType: "str", videos, videosType: "str" },
          };
        default:
          return node;
      }
    });
    flow.#file = path.join(setup.folder, `${dataset}.json`);
    await writeFile(flow.#file, JSON.stringify(changed));
    await flow.restart();
    return flow;
  }

  /** Starts Node-RED, or starts it again after a kill. */
  async restart(): Promise<void> {
    const environment = this.#setup.sandbox.environment;
    this.#nodeRed = await startNodeRed({ userDir: this.#folder, flow: this.#file, environment });
    onInterrupt(this.#nodeRed.kill);
  }

  async kill(): Promise<void> {
    await this.#nodeRed?.kill();
  }

  async close(): Promise<void> {
    await this.#nodeRed?.close();
  }

  /** The id of the run that the button has started. */
  get runId(): string {
    return this.#runId;
  }

  async pressButton(): Promise<void> {
    await this.#post(`/inject/${this.#button}`);
    await until(async () => {
      this.#runId = (await this.#get<readonly RunRecord[]>("/lightly-aws/runs"))[0]?.runId ?? "";
      return this.#runId !== "";
    });
  }

  /** Starts the run again from its failed step. */
  async retry(): Promise<void> {
    await this.#post(`/lightly-aws/runs/${this.#runId}/retry`);
  }

  /** The run, when all of its steps have ended, with the instance stopped. */
  async end(): Promise<RunRecord> {
    let run: RunRecord | undefined;
    await until(async () => {
      run = await this.#run();
      return run.state !== "running" && run.steps.every(({ state }) => state !== "running");
    });
    return run as RunRecord;
  }

  #run(): Promise<RunRecord> {
    return this.#get(`/lightly-aws/runs/${this.#runId}`);
  }

  async #get<T>(address: string): Promise<T> {
    return (await (await fetch(`${this.#nodeRed?.url}${address}`)).json()) as T;
  }

  async #post(address: string): Promise<void> {
    const { ok, status } = await fetch(`${this.#nodeRed?.url}${address}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    if (!ok) {
      throw new Error(`Node-RED answers ${status} to ${address}.`);
    }
  }
}

/** Polls until a condition is true. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`It did not happen within ${LIMIT_MS / 1000} s: ${condition}`);
    }
    await pause(POLL_MS);
  }
}
