import { deepEqual, equal, match } from "node:assert/strict";
import { instanceState } from "../../scripts/local/instance-state.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isOver, useRestarts } from "./support/restarts.ts";

const isSelection = ({ type }: FlowNode): boolean => type === "lightly-lightly-run";
const without = (nodes: FlowNode[]): FlowNode[] => nodes.filter((node) => !isSelection(node));
const disabled = (nodes: FlowNode[]): FlowNode[] =>
  nodes.map((node) => (isSelection(node) ? { ...node, d: true } : node));

describe("a run that loses a node", function () {
  this.timeout(90_000);
  const restarts = useRestarts();

  beforeEach(() => {
    restarts.sandbox.faults.runNeverEnds = true;
  });

  for (const [what, change] of [
    ["deleted", without],
    ["disabled", disabled],
  ] as const) {
    it(`ends as aborted with that reason when a node is ${what} under its work, and its instance is stopped`, async () => {
      await restarts.start();
      const { runId } = await restarts.untilSelecting();
      await restarts.deploy(change, "nodes");
      const run = await restarts.untilRun(runId, isOver);
      equal(run.state, "aborted");
      match(run.error?.message ?? "", /deleted or disabled/);
      equal(stepOf(run, "lightly-lightly-run")?.state, "aborted");
      await until(async () => (await instanceState(restarts.sandbox)) === "stopped", 20_000);
      await until(() => restarts.log.some((line) => line.includes(`${restarts.sandbox.instanceId} was stopped`)), 5000);
    });
  }

  it("stops the instance also when the node was deleted while Node-RED was down", async () => {
    const first = await restarts.start();
    const { runId } = await restarts.untilSelecting();
    await first.kill();
    await restarts.editFlow(without);
    await restarts.start();
    const run = await restarts.untilRun(runId, isOver);
    equal(run.state, "aborted");
    await until(async () => (await instanceState(restarts.sandbox)) === "stopped", 20_000);
    match(restarts.log.join("\n"), new RegExp(`The run ${runId} .*can't go on.*${restarts.sandbox.instanceId}`));
  });

  it("leaves the instance on when ec2 start is told to", async () => {
    await restarts.start();
    await restarts.deploy((nodes) =>
      nodes.map((node) => (node.type === "lightly-ec2-start" ? { ...node, whenRemoved: "leave" } : node)),
    );
    const { runId } = await restarts.untilSelecting();
    await restarts.deploy(without, "nodes");
    await restarts.untilRun(runId, isOver);
    equal(await instanceState(restarts.sandbox), "running");
  });

  it("names the instance when nobody is left who could stop it", async () => {
    const first = await restarts.start();
    await restarts.untilSelecting();
    await first.kill();
    await restarts.editFlow((nodes) => nodes.filter(({ type }) => !/^lightly-(?!.*account)/.test(type)));
    await restarts.editFlow((nodes) => [...nodes, ...SPARE_STEP]);
    await restarts.start();
    await until(() => restarts.log.some((line) => line.includes("may still be running and cost money")), 10_000);
    deepEqual(restarts.log.filter((line) => line.includes("may still be running")).length, 1);
  });
});

/** Any step of ours: without one, nothing of this package is loaded but its list of runs. */
const SPARE_STEP: FlowNode[] = [
  { id: "f1", type: "tab", label: "other" },
  { id: "f2", z: "f1", type: "lightly-pexels-download", account: "", wires: [[]] },
];
