import { deepEqual, equal, match } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FaultRule } from "lightly-aws-sandbox";
import type { RunRecord } from "../../src/records/run-record.ts";
import { until } from "../nodes/support/until.ts";
import { HANG_MS } from "../support/limits.ts";
import { stepOf, usePipeline } from "./support/pipeline.ts";
import { untilLogged } from "./support/until-logged.ts";

/** A failure, and the only error that it must cause. */
const FAULTS: ReadonlyArray<readonly [string, Omit<FaultRule, "kind"> & Partial<FaultRule>, string]> = [
  [
    "Pexels does not accept the key",
    { service: "pexels", operation: "GET /videos/popular", status: 401 },
    "PEXELS_UNAUTHORIZED",
  ],
  [
    "S3 denies the upload",
    { service: "s3", operation: "PutObject", status: 403, code: "AccessDenied" },
    "S3_ACCESS_DENIED",
  ],
  [
    "EC2 denies the start",
    { service: "ec2", operation: "StartInstances", status: 403, code: "UnauthorizedOperation" },
    "EC2_ACCESS_DENIED",
  ],
  [
    "SSM denies the command",
    { service: "ssm", operation: "SendCommand", status: 400, code: "AccessDeniedException" },
    "SSM_ACCESS_DENIED",
  ],
  [
    "Lightly denies the run",
    {
      service: "lightly",
      operation: "POST /v1/datasets/{datasetId}/docker/worker/schedule",
      status: 403,
      code: "FORBIDDEN",
    },
    "LIGHTLY_ACCESS_DENIED",
  ],
];

describe("the example flow when something fails", () => {
  const pipeline = usePipeline({ nodeRed: "node-red", worker: "instant" });

  const run = async (): Promise<RunRecord> => pipeline.end(await pipeline.trigger());
  const failed = ({ steps }: RunRecord): number => steps.filter(({ state }) => state === "failed").length;

  for (const [what, rule, code] of FAULTS) {
    it(`ends with only ${code} and a stopped instance when ${what}`, async () => {
      pipeline.stack.sandbox.faults.add({ kind: "status", ...rule });
      const record = await run();
      equal(record.error?.code, code);
      equal(failed(record), 1);
      equal(stepOf(record, "lightly-ec2-stop")?.state, "completed");
      equal(await pipeline.instance(), "stopped");
    });
  }

  it("starts no instance if Lightly may not use the buckets, however long that check takes", async () => {
    const { faults, events } = pipeline.stack.sandbox;
    const operation = "GET /v1/datasets/{datasetId}/datasource/verify";
    const held = faults.add({ service: "lightly", operation, kind: "latency", latencyMs: HANG_MS });
    faults.add({
      service: "lightly",
      operation,
      kind: "status",
      status: 422,
      code: "DATASET_DATASOURCE_CREDENTIALS_ERROR",
    });
    const seen = events.list({ kind: "instance" }).length;
    const runId = await pipeline.trigger();
    const read = async (): Promise<RunRecord> =>
      (await (await fetch(`${pipeline.stack.nodeRed.url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
    await until(async () => (await read()).steps?.some(({ type }) => type === "lightly-ec2-start"));
    faults.remove(held);
    const record = await pipeline.end(runId);
    equal(record.error?.code, "LIGHTLY_DATASOURCE_DENIED");
    match(record.error?.message ?? "", /s3:\/\/.*role.*external id/);
    equal(failed(record), 1);
    equal(stepOf(record, "lightly-ec2-start")?.state, "aborted");
    deepEqual(events.list({ kind: "instance" }).slice(seen), []);
  });

  it("stops the instance when the worker crashes during its run", async () => {
    pipeline.stack.sandbox.faults.workerCrash = true;
    const record = await run();
    equal(stepOf(record, "lightly-run")?.state, "failed");
    match(record.error?.code ?? "", /^LIGHTLY_RUN_(CRASHED|FAILED)$/);
    match(JSON.stringify(stepOf(record, "lightly-run")?.result), /"endState":"(CRASHED|FAILED)"/);
    equal(await pipeline.instance(), "stopped");
  });

  it("reports the reason if the worker's script fails before the worker has started, and cancels the scheduled run", async () => {
    const script = join(pipeline.stack.sandbox.instanceDir, "home", "ubuntu", "run.sh");
    const original = await readFile(script, "utf8");
    await writeFile(script, "echo 'docker: no such image' >&2\nexit 125\n");
    try {
      const record = await run();
      equal(record.error?.code, "LIGHTLY_WORKER_ENDED");
      match(record.error?.message ?? "", /125.*no such image/s);
      equal(failed(record), 1);
      equal(await pipeline.instance(), "stopped");
    } finally {
      await writeFile(script, original);
    }
  });

  it("reports an instance that can't be stopped within the limit, and stops it as soon as possible", async () => {
    await deploy({ timeoutMinutes: "0.1" });
    pipeline.stack.sandbox.faults.add({
      service: "ec2",
      operation: "StopInstances",
      kind: "status",
      status: 400,
      code: "OperationNotPermitted",
    });
    const record = await run();
    equal(record.error?.code, "EC2_STOP_PROTECTED");
    match(record.error?.message ?? "", /tried for .* Node-RED keeps trying, but until then i-\w+ may cost money/);
    await untilLogged(pipeline.log, /the instance may still run/);
    pipeline.stack.sandbox.faults.clear();
    await until(async () => (await pipeline.instance()) === "stopped");
    await deploy({ timeoutMinutes: "15" });
    await run();
    equal(await pipeline.instance(), "stopped");
  });

  it("supports two simultaneous triggers: both runs end, and no instance is left running", async () => {
    const ids = await Promise.all([pipeline.trigger(), pipeline.trigger()]);
    const records = await Promise.all(ids.map((id) => pipeline.end(id)));
    for (const record of records) {
      equal(failed(record) <= 1, true);
      equal(stepOf(record, "lightly-ec2-stop")?.state, "completed");
    }
    equal(await pipeline.instance(), "stopped");
  });

  it("still works after all of these failures, in the same Node-RED", async () => {
    const record = await run();
    equal(record.error, undefined);
    deepEqual(
      record.steps.filter(({ state }) => state !== "completed"),
      [],
    );
  });

  /** Deploys the stop step with changed values. */
  async function deploy(values: object): Promise<void> {
    const url = `${pipeline.stack.nodeRed.url}/flows`;
    const nodes = (await (await fetch(url)).json()) as Array<{ type: string }>;
    const changed = nodes.map((node) => (node.type === "lightly-ec2-stop" ? { ...node, ...values } : node));
    const headers = { "content-type": "application/json", "Node-RED-Deployment-Type": "nodes" };
    equal((await fetch(url, { method: "POST", headers, body: JSON.stringify(changed) })).ok, true);
  }
});
