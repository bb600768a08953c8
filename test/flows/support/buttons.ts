import type { RunRecord } from "../../../src/records/run-record.ts";
import { until } from "../../nodes/support/until.ts";
import type { Pipeline } from "./pipeline.ts";
import type { FlowNode } from "./restarts.ts";

/** An example's flow in its Node-RED, as a user works with it: by its buttons, its forms and the debug sidebar. */
export interface Buttons {
  /** Clicks the button of an inject node. */
  press(name: string): Promise<void>;
  /** Changes the flow and deploys it. */
  deploy(change: (node: FlowNode) => FlowNode): Promise<void>;
  runs(): Promise<RunRecord[]>;
  /** Presses the button, and resolves with the new run when `condition` is true for it. */
  runOf(press: () => Promise<void>, condition: (run: RunRecord) => boolean): Promise<RunRecord>;
  untilRun(runId: string, condition: (run: RunRecord) => boolean): Promise<RunRecord>;
}

/** Whether a run is over and its instance was stopped. */
export function isDone({ endedAt, steps }: RunRecord): boolean {
  return endedAt !== undefined && steps.some(({ type, state }) => type === "lightly-ec2-stop" && state !== "running");
}

/** Whether no step of a run is running, and its stop step has ended. */
export function hasStopped({ steps }: RunRecord): boolean {
  return steps.every(({ state }) => state !== "running") && steps.some(({ type }) => type === "lightly-ec2-stop");
}

/** Gives a variable of the example's tab a value. Other nodes are returned unchanged. */
export function withVariable(node: FlowNode, name: string, value: string, type = "str"): FlowNode {
  if (node.type !== "tab") {
    return node;
  }
  const env = node.env as Array<{ name: string }>;
  return { ...node, env: env.map((one) => (one.name === name ? { name, type, value } : one)) };
}

/** For a pipeline that exists only during a test. */
export function buttonsOf(pipeline: Pipeline): Buttons {
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${pipeline.stack.nodeRed.url}${path}`, init);
  const flow = async (): Promise<FlowNode[]> => (await (await ask("/flows")).json()) as FlowNode[];
  const buttons: Buttons = {
    press: async (name) => {
      const id = (await flow()).find((node) => node.type === "inject" && node.name === name)?.id;
      const { status } = await ask(`/inject/${id}`, { method: "POST" });
      if (status !== 200) {
        throw new Error(`The button "${name}" answers ${status}.`);
      }
    },
    deploy: async (change) => {
      const started = (): number => pipeline.log.filter((line) => line.includes("Started flows")).length;
      const before = started();
      const { status } = await ask("/flows", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify((await flow()).map(change)),
      });
      if (status !== 204) {
        throw new Error(`Node-RED answers ${status} to a deploy.`);
      }
      await until(() => started() > before);
    },
    runs: async () => (await (await ask("/lightly-aws/runs")).json()) as RunRecord[],
    runOf: async (press, condition) => {
      const known = new Set((await buttons.runs()).map(({ runId }) => runId));
      await press();
      let runId: string | undefined;
      await until(async () => {
        runId = (await buttons.runs()).find((run) => !known.has(run.runId))?.runId;
        return runId !== undefined;
      }).catch(() => {
        throw new Error(`No run was started:\n${pipeline.log.join("\n")}`);
      });
      return buttons.untilRun(runId ?? "", condition);
    },
    untilRun: async (runId, condition) => {
      let run: RunRecord | undefined;
      await until(async () => {
        run = (await buttons.runs()).find((one) => one.runId === runId);
        return run !== undefined && condition(run);
      }).catch(() => {
        throw new Error(
          `The expected state was not reached: ${JSON.stringify(run, undefined, 1)}\n${pipeline.log.join("\n")}`,
        );
      });
      return run as RunRecord;
    },
  };
  return buttons;
}
