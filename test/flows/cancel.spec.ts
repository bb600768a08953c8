import { equal } from "node:assert/strict";
import type { RunRecord } from "../../src/records/run-record.ts";
import { buttonsOf, isDone } from "./support/buttons.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";
import { untilLogged } from "./support/until-logged.ts";

describe("the example with buttons for its latest run", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant", flow: "cancel.json" });
  const buttons = buttonsOf(pipeline);
  let run: RunRecord;

  const says = async (button: string, expected: RegExp): Promise<void> => {
    const before = pipeline.log.length;
    await buttons.press(button);
    await untilLogged(pipeline.log, expected, before);
  };
  const isSelecting = (one: RunRecord): boolean =>
    one.endedAt === undefined &&
    one.steps.some(
      ({ type, replacedBy, checkpoint }) => type === "lightly-run" && !replacedBy && checkpoint?.scheduledRunId,
    ) &&
    one.steps.some(
      ({ type, replacedBy, progress }) =>
        type === "lightly-ssm-run-script" && !replacedBy && progress?.state === "InProgress",
    );
  const start = async (): Promise<RunRecord> => {
    pipeline.stack.sandbox.faults.runNeverEnds = true;
    return buttons.runOf(() => buttons.press("run the pipeline"), isSelecting);
  };

  it("reports that there is no run before the first one, without any effect", async () => {
    await says("read the state", /No run was started yet/);
    await says("abort the run", /No run was started yet/);
    equal((await buttons.runs()).length, 0);
  });

  it("shows its status, and aborts it: the instance is stopped", async () => {
    run = await start();
    await says("read the state", new RegExp(`The run ${run.runId} is running\\. start instance: completed `));
    await says("retry the run", /It can't be retried now\./);
    await buttons.press("abort the run");
    run = await buttons.untilRun(run.runId, isDone);
    equal(run.state, "aborted");
    equal(await pipeline.instance(), "stopped");
    await says("abort the run", /It can't be aborted now\. The run .* is aborted\./);
    equal(run.steps.filter(({ type }) => type === "lightly-ec2-stop").length, 1);
  });

  it("retries it: the instance starts again too", async () => {
    await buttons.press("retry the run");
    run = await buttons.untilRun(run.runId, (one) => one.state === "completed" && one.endedAt !== undefined);
    equal(run.steps.filter(({ replacedBy }) => replacedBy === undefined).length >= 4, true);
    equal(await pipeline.instance(), "stopped");
    await says("read the state", /is completed\./);
  });

  it("cancels only the selection, whose second output stops the instance", async () => {
    run = await start();
    await buttons.press("cancel the selection");
    run = await buttons.untilRun(run.runId, isDone);
    equal(run.state, "aborted");
    equal(stepOf(run, "lightly-run")?.state, "aborted");
    equal(stepOf(run, "lightly-ec2-stop")?.state, "completed");
    equal(await pipeline.instance(), "stopped");
  });
});
