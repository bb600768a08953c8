import { deepEqual, equal, match, ok } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BatchClient, DescribeJobsCommand, RegisterJobDefinitionCommand } from "@aws-sdk/client-batch";
import type { BatchResult } from "../../../src/nodes/lightly-batch-run/job-result.ts";
import { containerUses } from "../../../src/records/container-use.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { helper, loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

type Ended = BatchResult & { readonly error?: { readonly code: string; readonly message: string } };

describe("the lightly-batch-run node", () => {
  useNodeRed();
  const local = useSandbox({ delays: { scheduleMs: 20, pullMs: 20, idleMs: 100, secondMs: 20 } });

  const shell = (script: string): string => JSON.stringify(["sh", "-c", script]);
  const step = (options: Record<string, unknown> = {}) => ({
    type: "lightly-batch-run",
    account: "aws",
    queue: "lightly-queue",
    queueType: "str",
    definition: "sandbox-shell",
    definitionType: "str",
    command: shell("echo hello"),
    commandType: "json",
    pollSeconds: "0.05",
    retries: "0",
    retrySeconds: "0.01",
    ...options,
  });
  const start = async (options: Record<string, unknown> = {}, msg: Record<string, unknown> = {}): Promise<TestFlow> => {
    const flow = await loadFlow({ step: step(options), outputs: 3, ...local.accounts });
    flow.receive(msg);
    return flow;
  };
  const run = async (options: Record<string, unknown> = {}, msg: Record<string, unknown> = {}): Promise<TestFlow> => {
    const flow = await start(options, msg);
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  };
  /** The last change of each job of Batch, by its id. */
  const jobs = (): Map<string, string> =>
    new Map(local.sandbox.events.list({ kind: "job" }).map(({ jobId, status }) => [String(jobId), String(status)]));
  const logOf = (runId: string): string => (runs.get(runId)?.steps[0]?.log ?? []).map(({ text }) => text).join("\n");
  /** The jobs of a run that have had a container, and the number of these. */
  const usesOf = (runId: string): [string, number][] => {
    const uses = containerUses(runs.get(runId) ?? { steps: [] });
    ok(uses.every(({ containerMs, vcpus }) => containerMs > 0 && vcpus === 1));
    return uses.map(({ jobId, jobs }) => [jobId, jobs]);
  };
  const warnings = (): string[] => {
    const spy = helper.getNode("step").warn as unknown as { getCalls(): Array<{ args: string[] }> };
    return spy.getCalls().map(({ args }) => args.join());
  };

  it("runs a job to its end, with its log, phases and progress", async () => {
    const flow = await run(
      { environment: [{ name: "WHO", value: "batch" }], command: shell('echo "hi $WHO"; sleep 0.4') },
      {
        runId: "single",
        topic: "kept",
      },
    );
    deepEqual(flow.caught, []);
    const batch = result<Ended>(flow, "batch");
    const { jobId, jobName, startedAt = "", endedAt = "", logStreams, capacity, containerSeconds, ...rest } = batch;
    deepEqual(rest, {
      queue: "lightly-queue",
      state: "SUCCEEDED",
      reason: "Essential container in task exited",
      exitCode: 0,
      attempts: 1,
      logGroup: "/aws/batch/job",
    });
    match(jobName, /^lightly-[0-9a-f-]{36}$/);
    ok(Date.parse(startedAt) <= Date.parse(endedAt));
    ok(containerSeconds >= 0.3 && containerSeconds <= (Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
    deepEqual(usesOf("single"), [[jobId, 1]]);
    deepEqual([logStreams.length, capacity?.minVcpus], [1, 0]);
    deepEqual([result(flow, "payload"), result(flow, "topic"), flow.sent[1]], ["SUCCEEDED", "kept", []]);
    equal(flow.statuses.at(-1)?.text, "lightly-batch-run.status.succeeded");
    const [record] = runs.get("single")?.steps ?? [];
    deepEqual([record?.role, record?.checkpoint?.jobId, record?.result?.batch], ["command", jobId, batch]);
    match(logOf("single"), /^hi batch$/m);
    const phases = record?.phases?.map(({ name }) => name) ?? [];
    equal(phases.at(-1), "RUNNING");
    const progress = flow.sent[2]?.map(({ payload }) => payload) ?? [];
    deepEqual(progress.slice(-2), ["RUNNING", "SUCCEEDED"]);
  });

  it("runs a child for each item, and tells by output 2 which have failed and why", async () => {
    const script =
      'item=$(printf "%s\\n" "$LIGHTLY_ITEMS" | sed -n "$((${AWS_BATCH_JOB_ARRAY_INDEX:-0} + 1))p"); echo "item $item"; test "$item" != s3://b/bad.mp4 || exit 9';
    const items = ["s3://b/a.mp4", "s3://b/bad.mp4", "s3://b/c, d.mp4"];
    const flow = await run(
      { command: shell(script), children: "items", items: "payload", itemsType: "msg" },
      {
        payload: items,
        runId: "items",
      },
    );
    deepEqual([flow.sent[0], flow.caught], [[], []]);
    const { jobId, state, children, error } = result<Ended>(flow, "batch", 1);
    deepEqual(usesOf("items"), [[jobId, 3]]);
    deepEqual([state, children?.size, children?.succeeded, children?.failed], ["FAILED", 3, 2, 1]);
    deepEqual(
      children?.failures.map(({ index, item, code, exitCode }) => [index, item, code, exitCode]),
      [[1, "s3://b/bad.mp4", "BATCH_JOB_FAILED", 9]],
    );
    equal(error?.code, "BATCH_JOB_FAILED");
    equal(runs.get("items")?.state, "failed");
    // The log of a child comes before or after its end.
    match(logOf("items"), /^Child 1 ended with exit code 9\.$/m);
    match(logOf("items"), /item s3:\/\/b\/bad\.mp4$/m);
    ok(flow.sent[2]?.some(({ batch }) => (batch as { children?: { ended: number } }).children?.ended === 3));
    equal(flow.statuses.at(-1)?.text, "lightly-batch-run.status.childrenFailed");
  });

  it("has the log of running children, with their numbers, before they end, and each line once", async () => {
    const script =
      'echo "begin $AWS_BATCH_JOB_ARRAY_INDEX"; while [ ! -e "$GO" ]; do sleep 0.05; done; echo over; exit 1';
    const go = join(local.sandbox.instanceDir, "go");
    const environment = [{ name: "GO", value: go }];
    const flow = await start(
      { command: shell(script), environment, children: "count", arraySize: "2" },
      { runId: "live" },
    );
    await until(() => /^\[0\] begin 0$/m.test(logOf("live")) && /^\[1\] begin 1$/m.test(logOf("live")));
    equal(flow.sent[1]?.length, 0, "they still run");
    await writeFile(go, "");
    await flow.until(() => flow.completed.length > 0);
    deepEqual(
      logOf("live")
        .match(/^.*(?:begin|over).*$/gm)
        ?.sort(),
      ["[0] begin 0", "[0] over", "[1] begin 1", "[1] over"],
    );
  });

  it("submits one item as a job without children, which works on the first line", async () => {
    const script =
      'printf "%s\\n" "$LIGHTLY_ITEMS" | sed -n "$((${AWS_BATCH_JOB_ARRAY_INDEX:-0} + 1))p" | grep -x only';
    const flow = await run({ command: shell(script), children: "items", items: "only", itemsType: "str" });
    const { state, children } = result<Ended>(flow, "batch");
    deepEqual([state, children], ["SUCCEEDED", undefined]);
  });

  it("runs one job without children if the message asks for one child, and refuses more than Batch can have", async () => {
    const count = { command: shell("true"), children: "count", arraySize: "size", arraySizeType: "msg" };
    const flow = await run(count, { size: 1 });
    deepEqual([result<Ended>(flow, "batch").state, result<Ended>(flow, "batch").children], ["SUCCEEDED", undefined]);
    const before = jobs().size;
    flow.receive({ size: 10_001 });
    await flow.until(() => flow.caught.length > 0);
    match(flow.caught[0]?.error.message ?? "", /arraySize.*from 1 to 10000, but is 10001/);
    equal(jobs().size, before);
  });

  it("stores a list that is too long in S3, and refuses it without a folder before anything is submitted", async () => {
    const payload = Array.from({ length: 12 }, (_, index) => `s3://bucket/${"folder/".repeat(110)}${index}.mp4`);
    const before = jobs().size;
    const items = {
      children: "items",
      items: "payload",
      itemsType: "msg",
      command: shell('test -n "$LIGHTLY_ITEMS_URI"'),
    };
    const refused = await run(items, { payload });
    equal(refused.caught[0]?.error.code, "BATCH_REQUEST_INVALID");
    match(refused.caught[0]?.error.message ?? "", /list folder/);
    equal(jobs().size, before);
    await helper.unload();
    const folder = `s3://${local.sandbox.buckets.output}/lists/`;
    const flow = await run(
      { ...items, itemsFolder: folder, itemsFolderType: "str" },
      { payload: payload.slice(0, 240) },
    );
    deepEqual(flow.caught, []);
    const { jobName, children } = result<Ended>(flow, "batch");
    equal(children?.succeeded, 12);
    const objects = await local.sandbox.record.objects(local.sandbox.buckets.output);
    ok(objects.some(({ key }) => key === `lists/${jobName}/items.txt`));
  });

  it("sends a job that has failed by output 2, with its code, and does not inform Catch", async () => {
    const flow = await run({ command: shell("echo oops; exit 3") }, { runId: "failed" });
    const { state, exitCode, error } = result<Ended>(flow, "batch", 1);
    deepEqual([state, exitCode, error?.code, flow.caught, flow.sent[0]], ["FAILED", 3, "BATCH_JOB_FAILED", [], []]);
    equal(runs.get("failed")?.state, "failed");
    flow.receive({ retry: true, runId: "failed" });
    await flow.until(() => (flow.sent[1] ?? []).length === 2);
    const jobIds = flow.sent[1]?.map(({ batch }) => (batch as Ended).jobId);
    equal(new Set(jobIds).size, 2, "a retry of the run submits another job");
    deepEqual(
      usesOf("failed").map(([jobId]) => jobId),
      jobIds,
    );
  });

  it("sends by output 1 when the job is submitted, and by output 2 at its end", async () => {
    const flow = await run({ waitFor: "submitted" });
    deepEqual(
      [result(flow, "payload"), result<Ended>(flow, "batch").state, result<Ended>(flow, "batch", 1).state],
      ["SUBMITTED", "SUBMITTED", "SUCCEEDED"],
    );
  });

  it("terminates an array with all children when the run is aborted, and waits until they have ended", async () => {
    const flow = await start({ command: shell("sleep 60"), children: "count", arraySize: "3" }, { runId: "aborted" });
    await flow.until(() => (flow.sent[2] ?? []).some(({ payload }) => payload === "RUNNING"));
    await runs.abort("aborted", "enough");
    await flow.until(() => (flow.sent[1] ?? []).length > 0);
    const { jobId, state, children } = result<Ended>(flow, "batch", 1);
    deepEqual([state, children?.failed], ["FAILED", 3]);
    for (const index of [0, 1, 2]) {
      equal(jobs().get(`${jobId}:${index}`), "FAILED");
    }
    equal(runs.get("aborted")?.state, "aborted");
    // A child that was starting has had no container.
    const [[usedId, used] = ["", 0]] = usesOf("aborted");
    ok(usedId === jobId && used >= 1 && used <= 3);
  });

  it("terminates a job at its time limit, and then informs Catch", async () => {
    const flow = await run({ command: shell("sleep 60"), timeoutHours: String(1 / 3600) }, { runId: "too long" });
    equal(flow.caught[0]?.error.code, "TIMED_OUT");
    const jobId = String(runs.get("too long")?.steps[0]?.checkpoint?.jobId);
    equal(jobs().get(jobId), "FAILED");
    deepEqual(usesOf("too long"), [[jobId, 1]]);
  });

  it("has AWS limit each attempt, even if Node-RED never comes back, unless the definition does", async () => {
    const { endpoints, credentials, region } = local.sandbox;
    const batch = new BatchClient({ endpoint: endpoints.aws, region, credentials });
    const container = {
      image: "busybox",
      command: ["true"],
      resourceRequirements: [
        { type: "VCPU" as const, value: "1" },
        { type: "MEMORY" as const, value: "64" },
      ],
    };
    const define = (jobDefinitionName: string, more: object) =>
      batch.send(
        new RegisterJobDefinitionCommand({
          jobDefinitionName,
          type: "container",
          containerProperties: container,
          ...more,
        }),
      );
    await define("limited", { timeout: { attemptDurationSeconds: 120 } });
    await define("unlimited", {});
    const limitOf = async (options: object): Promise<number | undefined> => {
      const flow = await run({ timeoutHours: "2", ...options });
      const { jobId } = result<Ended>(flow, "batch");
      await helper.unload();
      const { jobs: [job] = [] } = await batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
      return job?.timeout?.attemptDurationSeconds;
    };
    equal(await limitOf({ definition: "unlimited" }), 7200);
    equal(await limitOf({ definition: "unlimited", attemptTimeoutMinutes: "3" }), 180);
    equal(await limitOf({ definition: "limited" }), 120);
    batch.destroy();
  });

  it("terminates a job that no instance can run, and says what to change", async () => {
    const flow = await run({ memoryMib: "900000" }, { runId: "too large" });
    equal(flow.caught[0]?.error.code, "BATCH_JOB_BLOCKED");
    deepEqual(usesOf("too large"), []);
    equal(jobs().get(String(runs.get("too large")?.steps[0]?.checkpoint?.jobId)), "FAILED");
  });

  it("waits for capacity, and terminates a job that has had none for the time limit", async () => {
    local.sandbox.faults.capacityMissing = 3;
    equal(result<Ended>(await run(), "batch").state, "SUCCEEDED");
    await helper.unload();
    // An instance that is still on needs no capacity.
    await until(() =>
      local.sandbox.record.instances().every(({ state }) => state === "stopped" || state === "terminated"),
    );
    local.sandbox.faults.capacityMissing = 1_000_000;
    const flow = await run({ capacityTimeoutMinutes: String(0.5 / 60) }, { runId: "no capacity" });
    equal(flow.caught[0]?.error.code, "BATCH_NO_CAPACITY");
    match(flow.caught[0]?.error.message ?? "", /INSUFFICIENT_INSTANCE_CAPACITY/);
    ok(flow.statuses.some(({ text }) => text === "lightly-batch-run.status.noCapacity"));
    equal(jobs().get(String(runs.get("no capacity")?.steps[0]?.checkpoint?.jobId)), "FAILED");
  });

  it("terminates a job whose container does not start within the limit, and says in which state it was", async () => {
    local.sandbox.faults.startsHang = 1;
    const flow = await run({ startTimeoutMinutes: String(0.5 / 60) }, { runId: "hangs" });
    local.sandbox.faults.startsHang = 0;
    equal(flow.caught[0]?.error.code, "BATCH_START_FAILED");
    match(flow.caught[0]?.error.message ?? "", /has been STARTING for .*instance role for ECR/);
    ok(flow.statuses.some(({ text }) => text === "lightly-batch-run.status.starting"));
    equal(jobs().get(String(runs.get("hangs")?.steps[0]?.checkpoint?.jobId)), "FAILED");
    deepEqual(usesOf("hangs"), [], "it has had no container");
  });

  it("terminates a job that it may not follow", async () => {
    local.sandbox.faults.add({
      ...{ service: "batch", operation: "DescribeJobs", kind: "status", status: 403, code: "AccessDeniedException" },
      times: 1,
    });
    const before = jobs().size;
    const flow = await run({ command: shell("sleep 0.2") }, { runId: "denied" });
    equal(flow.caught[0]?.error.code, "BATCH_ACCESS_DENIED");
    equal(jobs().size, before + 1);
    equal(jobs().get(String(runs.get("denied")?.steps[0]?.checkpoint?.jobId)), "FAILED");
  });

  it("refuses a queue or definition that does not exist before anything is submitted", async () => {
    const before = jobs().size;
    equal((await run({ queue: "other" })).caught[0]?.error.code, "BATCH_QUEUE_UNUSABLE");
    await helper.unload();
    equal((await run({ definition: "other" })).caught[0]?.error.code, "BATCH_DEFINITION_UNUSABLE");
    equal(jobs().size, before);
  });

  it("does without the log and without the check if the user has no permission for them", async () => {
    for (const [service, operation] of [
      ["logs", "GetLogEvents"],
      ["batch", "DescribeJobQueues"],
    ] as const) {
      local.sandbox.faults.add({ service, operation, kind: "status", status: 403, code: "AccessDeniedException" });
    }
    const flow = await run({}, { runId: "no log" });
    const { state, capacity } = result<Ended>(flow, "batch");
    deepEqual([state, capacity, flow.caught], ["SUCCEEDED", undefined, []]);
    ok(warnings().some((text) => text.startsWith("Queue or job definition could not be checked.")));
    match(logOf("no log"), /The log of the job can't be read\./);
  });

  it("is canceled by a message with msg.cancel", async () => {
    const flow = await start({ command: shell("sleep 60") }, { runId: "canceled" });
    await flow.until(() => (flow.sent[2] ?? []).some(({ payload }) => payload === "RUNNING"));
    flow.receive({ cancel: true, runId: "canceled" });
    await flow.until(() => (flow.sent[1] ?? []).length > 0);
    equal(result<Ended>(flow, "batch", 1).state, "FAILED");
    await until(() => runs.get("canceled")?.state === "aborted");
  });
});
