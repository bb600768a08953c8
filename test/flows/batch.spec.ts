import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { RunUsage } from "../../src/records/run-usage.ts";
import { until } from "../nodes/support/until.ts";
import { stepOf } from "./support/pipeline.ts";
import { type FlowNode, isOver, useRestarts } from "./support/restarts.ts";
import { setJournalBack } from "./support/set-journal-back.ts";

const VIDEO = "a1fb000000000105";
const LIST = "a1fb000000000106";

interface Batch {
  readonly jobId: string;
  readonly state: string;
  readonly children?: { readonly size: number; readonly succeeded: number };
  readonly final?: { readonly jobId: string; readonly state: string };
}

describe("the batch example", () => {
  const restarts = useRestarts({
    flow: "batch.json",
    shared: true,
    delays: { scheduleMs: 20, pullMs: 20, idleMs: 100, secondMs: 20 },
  });
  let known: ReadonlySet<string>;
  beforeEach(() => {
    known = new Set(jobIds());
  });
  afterEach(() =>
    // The environment is at zero, whatever the test was about.
    until(() =>
      restarts.sandbox.record.instances().every(({ state }) => state === "stopped" || state === "terminated"),
    ),
  );

  /** The jobs that were submitted, without their children. */
  function jobIds(): string[] {
    const ids = restarts.sandbox.events.list({ kind: "job" }).map(({ jobId }) => String(jobId).split(":")[0] ?? "");
    return [...new Set(ids)];
  }
  const submitted = (): string[] => jobIds().filter((id) => !known.has(id));
  const lastState = (jobId: string): unknown =>
    restarts.sandbox.events.list({ kind: "job" }).findLast((event) => event.jobId === jobId)?.status;

  let example: FlowNode[] = [];
  /** Starts a test with the example, which the previous one may have changed. */
  async function startExample(change = (nodes: FlowNode[]): FlowNode[] => nodes): Promise<void> {
    await restarts.start();
    await restarts.deploy((nodes) => {
      example = example.length > 0 ? example : nodes;
      return change(example);
    });
  }

  /** Presses a button; returns the id of the new run. */
  async function press(button: string): Promise<string> {
    const before = new Set((await restarts.runs()).map(({ runId }) => runId));
    await until(async () => (await fetch(`${restarts.url}/inject/${button}`, { method: "POST" })).ok);
    let added: RunRecord | undefined;
    await until(async () => {
      added = (await restarts.runs()).find(({ runId }) => !before.has(runId));
      return added !== undefined;
    });
    return added?.runId ?? "";
  }
  const batchOf = (run: RunRecord): Batch => stepOf(run, "lightly-batch-run")?.result?.batch as Batch;
  const withCommand =
    (script: string) =>
    (nodes: FlowNode[]): FlowNode[] =>
      nodes.map((node) =>
        node.type === "lightly-batch-run"
          ? { ...node, command: JSON.stringify(["sh", "-c", script]), pollSeconds: "0.1" }
          : node,
      );
  /** What the admin API reports of the containers of a run. */
  async function containersOf(runId: string): Promise<RunUsage["containers"]> {
    const answer = await fetch(`${restarts.url}/lightly-aws/runs/${runId}`);
    return ((await answer.json()) as { usage: RunUsage }).usage.containers;
  }
  const isRunning = (run: RunRecord): boolean => stepOf(run, "lightly-batch-run")?.progress?.state === "RUNNING";

  it("runs a job for the uploaded video, which gets its URI", async () => {
    await startExample();
    const run = await restarts.untilRun(await press(VIDEO), isOver);
    equal(run.state, "completed", JSON.stringify(run.error));
    const { jobId, state, children } = batchOf(run);
    deepEqual([state, children, submitted()], ["SUCCEEDED", undefined, [jobId]]);
    const log = stepOf(run, "lightly-batch-run")?.log?.map(({ text }) => text) ?? [];
    match(log.join("\n"), /^child 0 works on s3:\/\/.*\.mp4$/m);
  });

  it("runs a child for each item of a list", async () => {
    await startExample();
    const run = await restarts.untilRun(await press(LIST), isOver);
    equal(run.state, "completed", JSON.stringify(run.error));
    deepEqual([batchOf(run).children?.size, batchOf(run).children?.succeeded], [4, 4]);
  });

  it("submits once if Node-RED is killed after the request and before its answer was saved", async () => {
    await startExample();
    const { faults } = restarts.sandbox;
    faults.add({ service: "batch", operation: "SubmitJob", kind: "lost", times: 1 });
    // The step looks for the job that it may have submitted, until Node-RED is killed.
    faults.add({ service: "batch", operation: "ListJobs", kind: "hang" });
    const runId = await press(LIST);
    await until(() => submitted().length > 0);
    const run = await restarts.untilRun(runId, (record) => isSubmitting(record));
    equal(stepOf(run, "lightly-batch-run")?.checkpoint?.jobId, undefined);
    await restarts.nodeRed.kill();
    faults.clear();
    await restarts.start();
    const ended = await restarts.untilRun(runId, isOver);
    equal(ended.state, "completed", JSON.stringify(ended.error));
    deepEqual(submitted(), [batchOf(ended).jobId]);
    equal(stepOf(ended, "lightly-batch-run")?.resumeCount, 1);
  });

  /** Lists that are larger than what the journal keeps of a message. */
  const withLongList = (nodes: FlowNode[]): FlowNode[] =>
    nodes.map((node) => {
      const uris = ["a", "b", "c"].map((name) => `s3://my-bucket/${name.repeat(30_000)}.mp4`);
      return node.id === LIST
        ? ({ ...node, props: [{ p: "s3.uri", v: JSON.stringify(uris), vt: "json" }] } as FlowNode)
        : node;
    });

  it("follows its job after a restart although its list is too long for the journal", async () => {
    await startExample((nodes) => withCommand("sleep 1")(withLongList(nodes)));
    const runId = await press(LIST);
    await restarts.untilRun(runId, isRunning);
    await restarts.nodeRed.kill();
    await restarts.start();
    const run = await restarts.untilRun(runId, isOver);
    equal(run.state, "completed", JSON.stringify(run.error));
    equal(batchOf(run).children?.succeeded, 3);
    const { jobId } = batchOf(run);
    deepEqual(submitted(), [jobId]);
    const [use, ...others] = await containersOf(runId);
    deepEqual([use?.jobId, use?.jobs, others], [jobId, 3, []]);
    ok((use?.containerMs ?? 0) >= 3000, "three containers of a second each");
    await restarts.nodeRed.kill();
    await restarts.start();
    deepEqual(await containersOf(runId), [use], "it is on disk");
  });

  for (const { what, limit, code, message } of [
    {
      what: "the wait for an instance",
      limit: { capacityTimeoutMinutes: "30" },
      code: "BATCH_NO_CAPACITY",
      message: /has waited 3 h for an instance/,
    },
    {
      what: "the wait for its job",
      limit: { timeoutHours: "1", capacityTimeoutMinutes: "600" },
      code: "TIMED_OUT",
      message: /^Waited 3 h for job /,
    },
  ]) {
    it(`counts ${what} before a restart, also the time in between`, async () => {
      await startExample((nodes) =>
        nodes.map((node) =>
          node.type === "lightly-batch-run" ? { ...node, ...limit, pollSeconds: "0.1", retries: "0" } : node,
        ),
      );
      const { faults } = restarts.sandbox;
      faults.batchBlocked = "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - no capacity";
      const runId = await press(LIST);
      const isWaiting = (run: RunRecord): boolean =>
        stepOf(run, "lightly-batch-run")?.checkpoint?.jobWait !== undefined;
      await restarts.untilRun(runId, isWaiting);
      await restarts.nodeRed.kill();
      await setJournalBack(restarts.userDir, 3 * 3_600_000);
      await restarts.start();
      const run = await restarts.untilRun(runId, isOver);
      faults.clear();
      equal(run.error?.code, code, JSON.stringify(run.error));
      match(run.error?.message ?? "", message);
      deepEqual([submitted().length, lastState(submitted()[0] ?? "")], [1, "FAILED"]);
    });
  }

  it("submits no shorter list if it is killed before the job is submitted, and the list is too long for the journal", async () => {
    await startExample(withLongList);
    const { faults } = restarts.sandbox;
    const held = faults.add({ service: "batch", operation: "DescribeJobQueues", kind: "hang" });
    const runId = await press(LIST);
    await until(() => faults.list().some(({ id, applied }) => id === held && applied > 0));
    await restarts.nodeRed.kill();
    faults.clear();
    await restarts.start();
    const run = await restarts.untilRun(runId, isOver);
    deepEqual([run.state, run.error?.code, submitted()], ["failed", "RESUME_IMPOSSIBLE", []]);
    match(run.error?.message ?? "", /s3\.uri \(too large\)/);
  });

  it("submits children and final job once if Node-RED is killed between the request for the final job and its answer", async () => {
    await startExample((nodes) =>
      nodes.map((node) => (node.type === "lightly-batch-run" ? { ...node, afterChildren: "final" } : node)),
    );
    const { faults } = restarts.sandbox;
    faults.add({ service: "batch", operation: "SubmitJob", kind: "lost", after: 1, times: 1 });
    faults.add({ service: "batch", operation: "ListJobs", kind: "hang" });
    const runId = await press(LIST);
    await until(() => submitted().length === 2);
    const run = await restarts.untilRun(runId, (record) => idOfFinal(record, "finalIntendedAt"));
    equal(idOfFinal(run, "finalJobId"), false);
    await restarts.nodeRed.kill();
    faults.clear();
    // Batch needs no Node-RED to start the final job.
    await until(() => submitted().every((id) => lastState(id) === "SUCCEEDED"));
    await restarts.start();
    const ended = await restarts.untilRun(runId, isOver);
    equal(ended.state, "completed", JSON.stringify(ended.error));
    const { jobId, final } = batchOf(ended);
    deepEqual([submitted(), final?.state], [[jobId, final?.jobId], "SUCCEEDED"]);
  });

  it("follows its job after a restart, and terminates it with all children when the run is aborted then", async () => {
    await startExample(withCommand("sleep 60"));
    const runId = await press(LIST);
    await restarts.untilRun(runId, isRunning);
    const [jobId = ""] = submitted();
    await restarts.nodeRed.kill();
    equal(lastState(`${jobId}:0`), "RUNNING", "a killed Node-RED ends no job");
    await restarts.start();
    await restarts.untilRun(runId, (run) => isRunning(run) && stepOf(run, "lightly-batch-run")?.resumeCount === 1);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${restarts.url}/lightly-aws/runs/${runId}/abort`, { method: "POST", headers });
    equal(answer.status, 200, await answer.text());
    // A run is aborted at once; its step ends when the job has.
    const run = await restarts.untilRun(runId, (record) => stepOf(record, "lightly-batch-run")?.endedAt !== undefined);
    equal(run.state, "aborted");
    deepEqual(submitted(), [jobId]);
    const [use] = await containersOf(runId);
    ok(use?.jobId === jobId && use.jobs >= 1 && use.containerMs > 0, JSON.stringify(use));
    for (const id of [jobId, `${jobId}:0`, `${jobId}:3`]) {
      equal(lastState(id), "FAILED");
    }
  });

  it("has the time of the containers in its record if Node-RED is killed while it terminates an aborted job", async () => {
    await startExample(withCommand("sleep 60"));
    const { faults } = restarts.sandbox;
    const held = faults.add({ service: "batch", operation: "TerminateJob", kind: "hang" });
    const runId = await press(LIST);
    await restarts.untilRun(runId, isRunning);
    const headers = { "content-type": "application/json" };
    await fetch(`${restarts.url}/lightly-aws/runs/${runId}/abort`, { method: "POST", headers });
    await until(() => faults.list().some(({ id, applied }) => id === held && applied > 0));
    await restarts.nodeRed.kill();
    deepEqual(lastState(submitted()[0] ?? ""), "PENDING", "the children still run");
    faults.clear();
    await restarts.start();
    await restarts.untilRun(runId, (run) => stepOf(run, "lightly-batch-run")?.endedAt !== undefined);
    const [use] = await containersOf(runId);
    ok(use?.jobId === submitted()[0] && use?.containerMs !== 0, JSON.stringify(use));
    deepEqual(lastState(submitted()[0] ?? ""), "FAILED");
  });
});

/** Whether a name was saved for a job. */
function isSubmitting(run: RunRecord): boolean {
  return stepOf(run, "lightly-batch-run")?.checkpoint?.jobName !== undefined;
}

/** Whether the checkpoint has an entry of the final job. */
function idOfFinal(run: RunRecord, name: string): boolean {
  return stepOf(run, "lightly-batch-run")?.checkpoint?.[name] !== undefined;
}
