import path from "node:path";
import { type NodeRedProcess, startNodeRed } from "../../../../scripts/local/node-red-process.ts";
import {
  type FlowNode,
  type StudioFlow as LocalStudioFlow,
  pressButton,
  writeStudioFlow,
} from "../../../../scripts/local/studio-flow.ts";
import type { RunRecord } from "../../../../src/records/run-record.ts";
import { until } from "../../../nodes/support/until.ts";
import type { Setup } from "../../judge.ts";
import { onInterrupt } from "../../on-interrupt.ts";

/** A whole run on a busy machine. */
export const LIMIT_MS = 120_000;

/** The end of `examples/studio.json`, from the start of the instance on, in a Node-RED of its own, with the real LightlyStudio. */
export class StudioFlow {
  readonly #setup: Setup;
  readonly #folder: string;
  #nodeRed: NodeRedProcess | undefined;
  #example: LocalStudioFlow = { file: "", button: "" };
  #runId = "";

  constructor(setup: Setup, dataset: string) {
    this.#setup = setup;
    this.#folder = path.join(setup.folder, `flow-${dataset}`);
  }

  /**
   * @param dataset - which names the dataset and the folder of this flow, too
   * @param videos - URIs, separated by commas
   */
  static async start(setup: Setup, dataset: string, videos: string): Promise<StudioFlow> {
    const flow = new StudioFlow(setup, dataset);
    const file = path.join(setup.folder, `${dataset}.json`);
    flow.#example = await writeStudioFlow({ file, python: setup.python, embedder: "grid", change });
    function change(nodes: readonly FlowNode[]): FlowNode[] {
      const start = nodes.find(({ type }) => type === "lightly-ec2-start")?.id;
      const own = { datasetName: dataset, datasetNameType: "str", videos, videosType: "str" };
      return nodes.map((node) => {
        switch (node.type) {
          case "inject":
            return { ...node, wires: [[start]] };
          case "lightly-studio-select":
            return { ...node, ...own, amount: "number", count: "12" };
          default:
            return node;
        }
      });
    }
    await flow.restart();
    return flow;
  }

  /** Starts Node-RED, or starts it again after a kill. */
  async restart(): Promise<void> {
    const environment = this.#setup.sandbox.environment;
    this.#nodeRed = await startNodeRed({ userDir: this.#folder, flow: this.#example.file, environment });
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
    const { url = "" } = this.#nodeRed ?? {};
    this.#runId = await pressButton(url, this.#example.button, AbortSignal.timeout(LIMIT_MS));
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
    }, LIMIT_MS);
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
