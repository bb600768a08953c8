import { deepEqual, equal, ok } from "node:assert/strict";
import { instanceState } from "../../scripts/local/instance-state.ts";
import { commandRun } from "../../scripts/local/run-command.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isCleanedUp, isOver, useRestarts } from "./support/restarts.ts";

/** A step that accepts commands, and sends an HTTP response when a command is done. */
const COMMANDS: readonly FlowNode[] = [
  { id: "cmd-tab", type: "tab", label: "commands" },
  ...["abort", "retry", "cancel"].flatMap((name): FlowNode[] => [
    {
      id: `cmd-${name}`,
      type: "http in",
      z: "cmd-tab",
      url: `/command/${name}/:runId`,
      method: "post",
      wires: [[`set-${name}`]],
    },
    {
      id: `set-${name}`,
      type: "change",
      z: "cmd-tab",
      rules: [
        { t: "set", p: name, pt: "msg", to: "true", tot: "bool" },
        { t: "set", p: "runId", pt: "msg", to: "req.params.runId", tot: "msg" },
      ],
      wires: [[name === "cancel" ? "SELECT" : "cmd-step"]],
    },
  ]),
  { id: "cmd-step", type: "lightly-s3-upload", z: "cmd-tab", name: "commands", account: "", wires: [[]] },
  { id: "cmd-done", type: "complete", z: "cmd-tab", scope: ["cmd-step"], wires: [["cmd-answer"]] },
  // A Complete node receives only the nodes of its own tab.
  { id: "cmd-canceled", type: "complete", z: "TAB", scope: ["SELECT"], wires: [["cmd-answer"]] },
  { id: "cmd-answer", type: "http response", z: "cmd-tab", statusCode: "200", wires: [] },
];

describe("a command that was confirmed before Node-RED was killed", () => {
  const restarts = useRestarts({ shared: true });
  let isDeployed = false;

  const started = async () => {
    const nodeRed = await restarts.start();
    // Later tests find it in the flow file.
    if (!isDeployed) {
      isDeployed = true;
      await restarts.deploy((nodes) => {
        const select = nodes.find(({ type }) => type === "lightly-run");
        const text = JSON.stringify(COMMANDS)
          .replaceAll('"SELECT"', JSON.stringify(select?.id))
          .replaceAll('"TAB"', JSON.stringify(select?.z));
        return [...nodes, ...(JSON.parse(text) as FlowNode[])];
      });
    }
    await until(async () => (await fetch(`${nodeRed.url}/command/none`, { method: "POST" })).status === 404);
    return nodeRed;
  };
  const ask = (url: string, way: string, command: "abort" | "retry" | "cancel", runId: string): Promise<Response> =>
    way === "a message"
      ? fetch(`${url}/command/${command}/${runId}`, { method: "POST" })
      : commandRun(url, runId, command as "abort" | "retry");
  /** From the sandbox's record, not from the journal. */
  const sentScripts = (): number =>
    restarts.sandbox.events.list({ kind: "command" }).filter(({ commands }) => !String(commands).startsWith("shutdown"))
      .length;

  for (const way of ["the admin API", "a message"]) {
    it(`aborts the run by ${way}: after the restart its remote work is canceled, Catch is informed, and the instance is stopped`, async () => {
      const nodeRed = await started();
      restarts.sandbox.faults.runNeverEnds = true;
      const { runId } = await restarts.untilSelecting();
      const answer = await ask(nodeRed.url, way, "abort", runId);
      await nodeRed.kill();
      equal(answer.status, 200);
      await restarts.start();
      const run = await restarts.untilRun(runId, (one) => isOver(one) && isCleanedUp(one));
      equal(run.state, "aborted");
      ok(["aborted", "completed"].includes(stepOf(run, "lightly-run")?.state ?? ""));
      equal(await instanceState(restarts.sandbox), "stopped");
    });

    it(`retries the run by ${way} from the failed step`, async () => {
      const nodeRed = await started();
      const { faults } = restarts.sandbox;
      const before = sentScripts();
      faults.add({ service: "s3", operation: "PutObject", kind: "status", status: 403, code: "AccessDenied" });
      const runId = await restarts.trigger();
      await restarts.untilRun(runId, (one) => one.endedAt !== undefined && isOver(one) && isCleanedUp(one));
      faults.clear();
      const answer = await ask(nodeRed.url, way, "retry", runId);
      await nodeRed.kill();
      equal(answer.status, 200);
      await restarts.start();
      const run = await restarts.untilRun(runId, (one) => one.state === "completed");
      deepEqual(
        run.steps.filter(({ type }) => type === "lightly-s3-upload").map(({ state }) => state),
        ["failed", "completed"],
      );
      equal(sentScripts(), before + 1);
    });
  }

  it("starts a new run when it was a rerun", async () => {
    const nodeRed = await started();
    const first = await restarts.untilRun(await restarts.trigger(), (one) => one.state === "completed");
    const answer = await commandRun(nodeRed.url, first.runId, "rerun");
    const { runId } = (await answer.json()) as RunRecord;
    await nodeRed.kill();
    equal(answer.status, 200);
    await restarts.start();
    const run = await restarts.untilRun(runId, (one) => one.state === "completed");
    deepEqual(run.trigger, { kind: "rerun", runId: first.runId });
  });

  it("cancels the selection by msg.cancel after the restart, and the flow stops the instance", async () => {
    const nodeRed = await started();
    restarts.sandbox.faults.runNeverEnds = true;
    const { runId } = await restarts.untilSelecting();
    const answer = await ask(nodeRed.url, "a message", "cancel", runId);
    await nodeRed.kill();
    equal(answer.status, 200);
    await restarts.start();
    const run = await restarts.untilRun(runId, isCleanedUp);
    ok(["aborted", "completed"].includes(stepOf(run, "lightly-run")?.state ?? ""));
    equal(await instanceState(restarts.sandbox), "stopped");
  });
});
