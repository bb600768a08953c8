import { deepEqual, equal, match } from "node:assert/strict";
import type { BatchResult } from "../../../src/nodes/lightly-batch-run/job-result.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { type AnyMessage, helper, loadFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

describe("a job of Batch that runs the Lightly Worker", () => {
  useNodeRed();
  const local = useSandbox({ delays: { scheduleMs: 20, pullMs: 20, idleMs: 100, secondMs: 20 } });

  /** Starts both branches of a run: the selection, and the job of its worker. */
  async function start(runId: string, definition: string): Promise<AnyMessage[]> {
    const { buckets, region } = local.sandbox;
    const { others, credentials } = local.accounts;
    const flow = await loadFlow({
      step: {
        ...{
          type: "lightly-batch-run",
          account: "aws",
          waitFor: "submitted",
          queue: "lightly-queue",
          queueType: "str",
        },
        ...{ definition, definitionType: "str", command: "[]", commandType: "json", pollSeconds: "0.05", retries: "0" },
      },
      outputs: 3,
      credentials,
      others: [
        ...others,
        {
          ...{ id: "select", type: "lightly-run", z: "tab", account: "lightly", wires: [["ended"], ["ended"], []] },
          ...{ datasetName: runId, datasetNameType: "str", inputType: "Videos", access: "role" },
          ...{ inputUri: `s3://${buckets.input}/none/`, inputUriType: "str", region, regionType: "str" },
          ...{ lightlyUri: `s3://${buckets.output}/lightly`, lightlyUriType: "str" },
          ...{ roleArn: "arn:aws:iam::123456789012:role/lightly-access", roleArnType: "str" },
          ...{ externalId: "sandbox-external-id", externalIdType: "str", amount: "number", count: "3" },
          ...{ timeoutHours: "1", workerTimeoutMinutes: "15", retries: "0" },
        },
        { id: "ended", type: "helper", z: "tab", wires: [] },
      ],
    });
    const ended: AnyMessage[] = [];
    helper.getNode("ended").on("input", (msg) => ended.push(msg as AnyMessage));
    helper.getNode("select").receive({ runId } as never);
    await until(
      () => runs.get(runId)?.steps.some(({ checkpoint }) => checkpoint?.scheduledRunId !== undefined) === true,
    );
    flow.receive({ runId });
    await until(() => ["completed", "failed", "aborted"].includes(String(runs.get(runId)?.state)));
    return ended;
  }

  const errorOf = (runId: string, type: string): string | undefined =>
    runs.get(runId)?.steps.find((step) => step.type === type)?.error?.code;

  it("takes the run that lightly run of another branch has scheduled", async () => {
    const [end, ...others] = await start("with worker", "lightly-worker");
    deepEqual([end?.payload, others, runs.get("with worker")?.state], ["COMPLETED", [], "completed"]);
    const steps = runs.get("with worker")?.steps ?? [];
    const job = steps.find(({ type }) => type === "lightly-batch-run")?.result?.batch as BatchResult;
    equal(job.state, "SUCCEEDED");
    const [log] = steps.flatMap(({ type, log = [] }) => (type === "lightly-batch-run" ? [log] : []));
    // The worker in the job has done the run that the message is about.
    const { workerRunId, datasetId } = Object(end?.lightly) as { workerRunId: string; datasetId: string };
    match(
      log?.map(({ text }) => text).join("\n") ?? "",
      new RegExp(`Run ${workerRunId} of dataset ${datasetId} started`),
    );
  });

  it("ends the wait of lightly run when it fails, with the reason of the job", async () => {
    local.sandbox.faults.pullFailures = 1;
    deepEqual(await start("without worker", "lightly-worker"), []);
    equal(errorOf("without worker", "lightly-run"), "LIGHTLY_WORKER_ENDED");
    equal(errorOf("without worker", "lightly-batch-run"), undefined, "lightly run decides");
    match(runs.get("without worker")?.error?.message ?? "", /image can't be pulled|disk of its instance/);
  });
});
