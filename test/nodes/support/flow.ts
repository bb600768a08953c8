import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import { inspect } from "node:util";
import type { NodeMessageInFlow } from "node-red";
import helper from "node-red-node-test-helper";
import { runs } from "../../../src/runs/run-registry.ts";
import { HANG_MS } from "../../support/limits.ts";
import { nodeFolders, nodeIn } from "../../support/node-folders.ts";
import { allowShortTimes } from "./short-times.ts";

helper.init(createRequire(import.meta.url).resolve("node-red"));

/** All nodes of the package, as Node-RED loads them. */
const NODES = nodeFolders().map(nodeIn);

/** A message with any properties. */
export type AnyMessage = NodeMessageInFlow & Record<string, unknown>;

/** The error that a Catch node has put on a message. */
export interface CaughtError {
  readonly message: string;
  readonly code?: string;
  readonly source: { readonly id: string; readonly type: string };
}

/** A status of the node under test. */
export interface ShownStatus {
  readonly fill: string;
  readonly shape: string;
  readonly text: string;
}

export interface FlowOptions {
  /** The node under test, without `id`, `z` and `wires`. */
  readonly step: { readonly type: string } & Record<string, unknown>;
  readonly outputs?: number;
  /** Account nodes and other nodes of the flow. */
  readonly others?: ReadonlyArray<{ readonly id: string; readonly type: string } & Record<string, unknown>>;
  readonly credentials?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Environment variables of the flow's tab. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A flow with one step, and its outputs. */
export interface TestFlow {
  /** All messages of each output, in order. */
  readonly sent: AnyMessage[][];
  readonly caught: Array<AnyMessage & { error: CaughtError }>;
  readonly completed: AnyMessage[];
  readonly statuses: ShownStatus[];
  /** Sends a message to the step. */
  receive(msg: Record<string, unknown>): void;
  /** Resolves when `condition` is true. It is checked after each output of the step. */
  until(condition: () => boolean): Promise<void>;
}

/** Loads a step between helpers that record its outputs, Catch, Complete and status. */
export async function loadFlow({
  step,
  outputs = 1,
  others = [],
  credentials = {},
  env = {},
}: FlowOptions): Promise<TestFlow> {
  const outs = Array.from({ length: outputs }, (_, index) => `out${index}`);
  const helpers = [...outs, "caught", "completed", "status"].map((id) => ({ id, z: "tab", type: "helper", wires: [] }));
  const flow = [
    {
      id: "tab",
      type: "tab",
      label: "test",
      env: Object.entries(env).map(([name, value]) => ({ name, value, type: "str" })),
    },
    ...others.map((node) => ({ name: `account ${node.id}`, ...node })),
    { name: "the step", ...step, id: "step", z: "tab", wires: outs.map((id) => [id]) },
    { id: "oncatch", z: "tab", type: "catch", scope: ["step"], wires: [["caught"]] },
    { id: "oncomplete", z: "tab", type: "complete", scope: ["step"], wires: [["completed"]] },
    { id: "onstatus", z: "tab", type: "status", scope: ["step"], wires: [["status"]] },
    ...helpers,
  ];
  await helper.load(NODES as never, flow as never, credentials as never);
  return record(outs);
}

function record(outs: readonly string[]): TestFlow {
  const happened = new EventEmitter();
  const collect = <T>(id: string, pick: (msg: AnyMessage) => T | undefined): T[] => {
    const list: T[] = [];
    helper.getNode(id).on("input", (msg) => {
      const picked = pick(msg as AnyMessage);
      list.push(...(picked === undefined ? [] : [picked]));
      happened.emit("more");
    });
    return list;
  };
  const sent = outs.map((id) => collect(id, (msg) => msg));
  const caught = collect("caught", (msg) => msg as AnyMessage & { error: CaughtError });
  const completed = collect("completed", (msg) => msg);
  // A new run clears the statuses of the last one.
  const isCleared = (status: unknown): boolean => Object.keys(Object(status)).every((key) => key === "source");
  const statuses = collect("status", ({ status }) => (isCleared(status) ? undefined : shown(status as ShownStatus)));
  return {
    sent,
    caught,
    completed,
    statuses,
    receive: (msg) => helper.getNode("step").receive(msg as never),
    until: async (condition) => {
      const limit = AbortSignal.timeout(HANG_MS);
      while (!condition()) {
        await once(happened, "more", { signal: limit }).catch(() => {
          const seen = inspect(
            { sent, errors: caught.map(({ error }) => error), completed: completed.length, statuses },
            { depth: 3 },
          );
          throw new Error(`It did not happen within ${HANG_MS / 1000} s. What did: ${seen}`);
        });
      }
    },
  };
}

/** The value of `property` in the first message of an output. */
export function result<T>(flow: TestFlow, property: string, output = 0): T {
  return flow.sent[output]?.[0]?.[property] as T;
}

function shown({ fill, shape, text }: ShownStatus): ShownStatus {
  return { fill, shape, text };
}

/** Starts the helper's server once for the tests of a file, and unloads the flow after each test. */
export function useNodeRed(): void {
  let restoreTimes: (() => void) | undefined;
  before(() => {
    restoreTimes = allowShortTimes();
  });
  after(() => restoreTimes?.());
  before(() => new Promise<void>((resolve) => helper.startServer(() => resolve())));
  after(() => new Promise<void>((resolve) => helper.stopServer(() => resolve())));
  afterEach(async () => {
    await helper.unload();
    // Steps that are still running must not affect the next test: without nodes they end.
    runs.resumeAll();
  });
  // Other files of the same process have runs of the same names.
  after(() => {
    for (const { runId } of runs.summaries()) {
      if (runs.get(runId)?.endedAt !== undefined) {
        runs.delete(runId);
      }
    }
  });
}

export { helper };
