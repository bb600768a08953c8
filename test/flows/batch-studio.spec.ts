import { deepEqual, equal, ok } from "node:assert/strict";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { isOver, useRestarts } from "./support/restarts.ts";

const BUTTON = "a1fe000000000105";

interface Batch {
  readonly children: { readonly size: number; readonly succeeded: number };
  readonly final: { readonly state: string };
}

interface Results {
  readonly lightly: { readonly selection: { readonly count: number } };
}

describe("the example with LightlyStudio on AWS Batch", () => {
  const restarts = useRestarts({
    flow: "batch-studio.json",
    delays: { scheduleMs: 20, pullMs: 20, idleMs: 100, secondMs: 20 },
  });

  async function runExample(): Promise<RunRecord> {
    await restarts.start();
    await until(async () => (await fetch(`${restarts.url}/inject/${BUTTON}`, { method: "POST" })).ok);
    let runs: RunRecord[] = [];
    await until(async () => {
      runs = await restarts.runs();
      return runs.length > 0;
    });
    const run = await restarts.untilRun(runs[0]?.runId ?? "", isOver);
    equal(run.state, "completed", JSON.stringify(run.error));
    return run;
  }
  const batchOf = (run: RunRecord): Batch => Object(stepOf(run, "lightly-batch-run")?.result?.batch) as Batch;

  it("reads each video in a child, selects over all, lists the frames, and leaves no instance on", async () => {
    const run = await runExample();
    const { children, final } = batchOf(run);
    deepEqual([children.size, children.succeeded, final.state], [3, 3, "SUCCEEDED"]);
    const { lightly } = Object(stepOf(run, "lightly-results")?.result) as Results;
    const pictures = (await restarts.sandbox.record.objects(restarts.sandbox.buckets.output)).filter(({ key }) =>
      key.includes(`/${run.runId}/frames/`),
    );
    ok(lightly.selection.count > 0);
    equal(pictures.length, lightly.selection.count);
    await until(() =>
      restarts.sandbox.record.instances().every(({ state }) => state === "stopped" || state === "terminated"),
    );
  });

  it("selects from the other videos if one can't be downloaded", async () => {
    restarts.sandbox.faults.add({
      service: "pexels",
      operation: "GET /files",
      kind: "status",
      status: 404,
      times: 1,
    });
    const { children, final } = batchOf(await runExample());
    deepEqual([children.size, children.succeeded, final.state], [2, 2, "SUCCEEDED"]);
  });
});
