import { equal, match } from "node:assert/strict";
import { instanceState } from "../../scripts/local/instance-state.ts";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isOver, useRestarts } from "./support/restarts.ts";
import { untilLogged } from "./support/until-logged.ts";

const isSelection = ({ type }: FlowNode): boolean => type === "lightly-run";
const without = (nodes: FlowNode[]): FlowNode[] => nodes.filter((node) => !isSelection(node));
const disabled = (nodes: FlowNode[]): FlowNode[] =>
  nodes.map((node) => (isSelection(node) ? { ...node, d: true } : node));

describe("a run that loses a node", () => {
  const restarts = useRestarts({ shared: true });
  let example: FlowNode[] = [];
  let lines = 0;

  beforeEach(() => {
    restarts.sandbox.faults.runNeverEnds = true;
    restarts.sandbox.faults.neverOnline = false;
  });

  /** Starts a test with the example flow, which the previous one may have changed. */
  const start = async (edit: (nodes: FlowNode[]) => FlowNode[] = (nodes) => nodes): Promise<NodeRedProcess> => {
    const nodeRed = await restarts.start();
    await restarts.deploy((nodes) => {
      example = example.length > 0 ? example : nodes;
      return edit(example);
    });
    lines = restarts.log.length;
    return nodeRed;
  };
  /** The log of a test that has not started Node-RED again. */
  const logged = (): readonly string[] => restarts.log.slice(lines);

  for (const [what, change] of [
    ["deleted", without],
    ["disabled", disabled],
  ] as const) {
    it(`ends as aborted with that reason when a node is ${what} while it is running, and its instance is stopped`, async () => {
      await start();
      const { runId } = await restarts.untilSelecting();
      await restarts.deploy(change, "nodes");
      const run = await restarts.untilRun(runId, isOver);
      equal(run.state, "aborted");
      match(run.error?.message ?? "", /deleted or disabled/);
      equal(stepOf(run, "lightly-run")?.state, "aborted");
      await until(async () => (await instanceState(restarts.sandbox)) === "stopped");
      await until(() => logged().some((line) => line.includes(`${restarts.sandbox.instanceId} was stopped`)));
    });
  }

  it("stops the instance even if the node was deleted while Node-RED was down", async () => {
    const first = await start();
    const { runId } = await restarts.untilSelecting();
    await first.kill();
    await restarts.editFlow(without);
    await restarts.start();
    const run = await restarts.untilRun(runId, isOver);
    equal(run.state, "aborted");
    await until(async () => (await instanceState(restarts.sandbox)) === "stopped");
    await untilLogged(restarts.log, new RegExp(`The run ${runId} .*can't be resumed.*${restarts.sandbox.instanceId}`));
  });

  const isOff = async (): Promise<boolean> => (await instanceState(restarts.sandbox)) === "stopped";
  const isOurs = ({ type, z }: FlowNode): boolean => z !== undefined && type.startsWith("lightly-");

  for (const [what, change] of Object.entries({
    "its start is gone": (nodes: FlowNode[]) => nodes.filter(({ type }) => type !== "lightly-ec2-start"),
    "all steps are gone": (nodes: FlowNode[]) => nodes.filter((node) => !isOurs(node)),
    "its tab is disabled": (nodes: FlowNode[]) =>
      nodes.map((node) => (node.type === "tab" ? { ...node, disabled: true } : node)),
    "its tab is gone": (nodes: FlowNode[]) => nodes.filter(({ type, z }) => type !== "tab" && z === undefined),
  })) {
    it(`stops with the account the instance that a killed Node-RED had just started, when ${what} at the next start`, async () => {
      // Otherwise the start may end before Node-RED does, and the run goes on.
      restarts.sandbox.faults.neverOnline = true;
      const first = await start();
      await restarts.trigger();
      await until(() => restarts.sandbox.events.list({ kind: "instance" }).at(-1)?.state === "running");
      await first.kill();
      await restarts.editFlow(change);
      await restarts.start();
      await until(isOff);
      await until(() => restarts.log.some((line) => line.includes(`${restarts.sandbox.instanceId} was stopped`)));
      equal((await restarts.runs()).every(isOver), true);
    });
  }

  it("names the instance if its account was deleted too, and stops it when the account is restored", async () => {
    const first = await start();
    const { runId } = await restarts.untilSelecting();
    await first.kill();
    let flow: FlowNode[] = [];
    await restarts.editFlow((nodes) => {
      flow = nodes;
      return [];
    });
    await restarts.start();
    const isAlarm = (line: string): boolean => line.includes("may still be running and cost money");
    await until(() => restarts.log.some(isAlarm));
    equal(restarts.log.filter(isAlarm).length, 1);
    equal((await restarts.run(runId)).state, "aborted");
    equal(await isOff(), false);
    await restarts.deploy(() => flow);
    await until(isOff);
  });

  // The last test, because the instance keeps running.
  it("keeps the instance running if ec2 start is set to", async () => {
    await start((nodes) =>
      nodes.map((node) => (node.type === "lightly-ec2-start" ? { ...node, onRemoved: "keep" } : node)),
    );
    const { runId } = await restarts.untilSelecting();
    await restarts.deploy(without, "nodes");
    await restarts.untilRun(runId, isOver);
    equal(await instanceState(restarts.sandbox), "running");
  });
});
