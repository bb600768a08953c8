import { deepEqual, equal } from "node:assert/strict";
import { instanceState } from "../../scripts/local/instance-state.ts";
import { commandRun } from "../../scripts/local/run-command.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { isCleanedUp, useRestarts } from "./support/restarts.ts";

describe("a run whose Node-RED ends and starts again", () => {
  // The stand-in worker decodes and selects for some seconds, which is enough time for a restart.
  const restarts = useRestarts({ worker: "stand-in", shared: true });

  /** From the sandbox's record, not from the journal. */
  const sentScripts = (): number =>
    restarts.sandbox.events.list({ kind: "command" }).filter(({ commands }) => !String(commands).startsWith("shutdown"))
      .length;
  const scheduled = (): number => restarts.sandbox.record.scheduledRuns().length;
  const counts = async (): Promise<number[]> => [
    scheduled(),
    sentScripts(),
    (await restarts.sandbox.record.objects(restarts.sandbox.buckets.input)).length,
  ];
  const resumedSteps = ({ steps }: RunRecord): string[] =>
    steps.filter(({ resumeCount }) => resumeCount === 1).map(({ type }) => type);

  for (const [what, end] of [
    ["is killed", "kill"],
    ["ends in an orderly way", "close"],
  ] as const) {
    it(`continues when Node-RED ${what}: nothing is done twice, and the instance is stopped`, async () => {
      const first = await restarts.start();
      const before = await counts();
      const runsBefore = (await restarts.runs()).length;
      const { runId } = await restarts.untilSelecting();
      await first[end]();
      equal(await instanceState(restarts.sandbox), "running");

      await restarts.start();
      const run = await restarts.untilRun(runId, isCleanedUp);
      equal(run.state, "completed", JSON.stringify(run.error));
      deepEqual(resumedSteps(run), ["lightly-ssm-run-script", "lightly-run"].toSorted(byOrderOf(run)));
      deepEqual(
        await counts(),
        before.map((count) => count + 1),
      );
      equal(await instanceState(restarts.sandbox), "stopped");
      equal((await restarts.runs()).length, runsBefore + 1);
    });
  }

  it("continues when its nodes or their account are redeployed while it is running", async () => {
    await restarts.start();
    const before = await counts();
    const { runId } = await restarts.untilSelecting();
    await restarts.deploy((nodes) => nodes);
    await restarts.deploy(
      (nodes) => nodes.map((node) => (node.type === "lightly-account" ? { ...node, name: "renamed" } : node)),
      "nodes",
    );
    const run = await restarts.untilRun(runId, isCleanedUp);
    equal(run.state, "completed", JSON.stringify(run.error));
    equal(stepOf(run, "lightly-run")?.resumeCount, 2);
    equal(stepOf(run, "lightly-ssm-run-script")?.resumeCount, 1);
    deepEqual(
      await counts(),
      before.map((count) => count + 1),
    );
  });

  it("renews the instance's timer again after the restart", async () => {
    const first = await restarts.start();
    // A worker that has ended by then would have its instance stopped without another timer.
    const { runId } = await restarts.untilWorking();
    await first.kill();
    const armed = (): number => restarts.sandbox.events.list({ kind: "shutdown" }).length;
    const before = armed();
    await restarts.start();
    await until(() => armed() > before);
    await commandRun(restarts.url, runId, "abort");
    await restarts.untilRun(runId, isCleanedUp);
  });
});

function byOrderOf({ steps }: RunRecord): (a: string, b: string) => number {
  const at = (name: string): number => steps.findIndex(({ type }) => type === name);
  return (a, b) => at(a) - at(b);
}
