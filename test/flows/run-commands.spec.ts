import { deepEqual, equal, match } from "node:assert/strict";
import { instanceState } from "../../scripts/local/instance-state.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";
import { isOver } from "./support/restarts.ts";

describe("a run that a user aborts or retries", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant" });

  const post = (path: string): Promise<Response> =>
    fetch(`${pipeline.stack.nodeRed.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
  const read = async (runId: string): Promise<RunRecord> =>
    (await (await fetch(`${pipeline.stack.nodeRed.url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
  const untilRun = async (runId: string, condition: (run: RunRecord) => boolean): Promise<RunRecord> => {
    let run = await read(runId);
    await until(async () => {
      run = await read(runId);
      return run.steps !== undefined && condition(run);
    });
    return run;
  };
  const isSelecting = (run: RunRecord): boolean =>
    stepOf(run, "lightly-run")?.checkpoint?.scheduledRunId !== undefined &&
    stepOf(run, "lightly-ssm-run-script")?.progress?.state === "InProgress";
  const statesOf = ({ steps }: RunRecord): Record<string, string> =>
    Object.fromEntries(steps.filter(({ replacedBy }) => !replacedBy).map(({ type, state }) => [type, state]));

  for (const [way, path] of [
    ["over the admin API", "/lightly-aws/runs/RUN/abort"],
    ["by a message of the flow", "/lightly-pipeline/runs/RUN/abort"],
  ] as const) {
    it(`is aborted ${way}: the scheduled run and the command are canceled, and the instance is stopped`, async () => {
      pipeline.stack.sandbox.faults.runNeverEnds = true;
      const runId = await pipeline.trigger();
      await untilRun(runId, isSelecting);
      const response = await post(path.replace("RUN", runId));
      equal(response.ok, true);
      const run = await untilRun(runId, (one) => isOver(one) && stepOf(one, "lightly-ec2-stop")?.state === "completed");
      equal(run.state, "aborted");
      match(run.error?.message ?? "", /requested/);
      equal(stepOf(run, "lightly-run")?.state, "aborted");
      equal(await instanceState(pipeline.stack.sandbox), "stopped");
      // The stop step has stopped the instance, and not a guard because the run was over.
      deepEqual(
        pipeline.log.filter((line) => line.includes(runId) && line.includes("was stopped")),
        [],
      );
      const again = await post(`/lightly-aws/runs/${runId}/abort`);
      deepEqual([again.status, ((await again.json()) as { code: string }).code], [409, "RUN_NOT_ABORTABLE"]);
    });
  }

  for (const [way, path] of [
    ["over the admin API", "/lightly-aws/runs/RUN/retry"],
    ["by a message of the flow", "/lightly-pipeline/runs/RUN/retry"],
  ] as const) {
    it(`continues from the failed step when it is retried ${way}`, async () => {
      const { faults } = pipeline.stack.sandbox;
      faults.add({ service: "s3", operation: "PutObject", kind: "status", status: 403, code: "AccessDenied" });
      const runId = await pipeline.trigger();
      const failed = await pipeline.end(runId);
      equal(failed.error?.code, "S3_ACCESS_DENIED");
      faults.clear();
      equal((await post(path.replace("RUN", runId))).ok, true);
      const run = await untilRun(runId, (one) => one.state === "completed");
      deepEqual(statesOf(run), {
        "lightly-pexels-download": "completed",
        "lightly-ec2-stop": "completed",
        "lightly-s3-upload": "completed",
        "lightly-run": "completed",
        "lightly-ec2-start": "completed",
        "lightly-ssm-run-script": "completed",
      });
      equal(
        run.steps.filter(({ type }) => type === "lightly-pexels-download").length,
        1,
        "what was done is not redone",
      );
      equal(await instanceState(pipeline.stack.sandbox), "stopped");
    });
  }

  it("starts the instance again if the run had failed after its start", async () => {
    const { faults } = pipeline.stack.sandbox;
    faults.workerCrash = true;
    const runId = await pipeline.trigger();
    const crashed = await pipeline.end(runId);
    match(JSON.stringify(stepOf(crashed, "lightly-run")?.result), /"endState":"(CRASHED|FAILED)"/);
    faults.clear();
    equal((await post(`/lightly-pipeline/runs/${runId}/retry`)).ok, true);
    const run = await untilRun(runId, (one) =>
      one.steps.some(
        ({ replacedBy, result }) => !replacedBy && JSON.stringify(result)?.includes('"endState":"COMPLETED"'),
      ),
    );
    await untilRun(runId, (one) => one.state === "completed");
    equal(run.steps.filter(({ type }) => type === "lightly-s3-upload").length, 1);
    await until(async () => (await instanceState(pipeline.stack.sandbox)) === "stopped");
  });

  it("reports why a completed or unknown run can't be retried", async () => {
    const run = await pipeline.end(await pipeline.trigger());
    const well = await post(`/lightly-aws/runs/${run.runId}/retry`);
    deepEqual([well.status, ((await well.json()) as { code: string }).code], [409, "RUN_NOT_RETRYABLE"]);
    const unknown = await post("/lightly-aws/runs/unknown-run/retry");
    deepEqual([unknown.status, ((await unknown.json()) as { code: string }).code], [404, "RUN_NOT_FOUND"]);
  });
});
