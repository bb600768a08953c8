import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { BatchResult } from "../../../src/nodes/lightly-batch-run/job-result.ts";
import { usesIn } from "../../../src/records/container-use.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";
import { until } from "../support/until.ts";

type Ended = BatchResult & { readonly error?: { readonly code: string; readonly message: string } };

/** Children print their item, the final job prints how many there are. */
const WORK = `
if [ "$LIGHTLY_PART" = all ]; then
  sleep 0.4
  echo "all $(printf "%s\\n" "$LIGHTLY_ITEMS" | wc -l) index $AWS_BATCH_JOB_ARRAY_INDEX"
else
  echo "$LIGHTLY_PART $(printf "%s\\n" "$LIGHTLY_ITEMS" | sed -n "$((\${AWS_BATCH_JOB_ARRAY_INDEX:-0} + 1))p")"
fi`;

describe("the final job of lightly-batch-run", () => {
  useNodeRed();
  const local = useSandbox({ delays: { scheduleMs: 20, pullMs: 20, idleMs: 100, secondMs: 20 } });

  const start = async (script: string, options: object = {}, msg: object = {}): Promise<TestFlow> => {
    const step = {
      ...{ type: "lightly-batch-run", account: "aws", queue: "lightly-queue", queueType: "str" },
      ...{ definition: "sandbox-shell", definitionType: "str", command: JSON.stringify(["sh", "-c", script]) },
      ...{ commandType: "json", children: "items", items: "payload", itemsType: "msg", afterChildren: "final" },
      ...{ pollSeconds: "0.05", retries: "0", retrySeconds: "0.01", ...options },
    };
    const flow = await loadFlow({ step, outputs: 3, ...local.accounts });
    flow.receive({ payload: ["one", "two"], ...msg });
    return flow;
  };
  const run = async (...args: Parameters<typeof start>): Promise<TestFlow> => {
    const flow = await start(...args);
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  };
  const logOf = (runId: string): string => (runs.get(runId)?.steps[0]?.log ?? []).map(({ text }) => text).join("\n");
  /** The last state of each job that was submitted since the call of `since`, by its name; children are left out. */
  const since = () => {
    const known = local.sandbox.events.list({ kind: "job" }).length;
    return (): Map<string, string> =>
      new Map(
        local.sandbox.events
          .list({ kind: "job" })
          .slice(known)
          .filter(({ jobId }) => !String(jobId).includes(":"))
          .map(({ jobId, status }) => [String(jobId), String(status)]),
      );
  };

  it("runs once after all children, with the whole list, and its end is that of the step", async () => {
    const flow = await run(WORK, {}, { runId: "final" });
    deepEqual(flow.caught, []);
    const { jobName, children, state, final } = result<Ended>(flow, "batch");
    deepEqual(
      [state, children?.succeeded, final?.state, final?.jobName],
      ["SUCCEEDED", 2, "SUCCEEDED", `${jobName}-final`],
    );
    match(logOf("final"), /^all 2 index$/m);
    ok(Date.parse(final?.startedAt ?? "") >= Date.parse(result<Ended>(flow, "batch").endedAt ?? ""));
    const [record] = runs.get("final")?.steps ?? [];
    deepEqual(
      usesIn(record?.checkpoint).map(({ jobs, jobId }) => [jobId, jobs]),
      [
        [record?.checkpoint?.jobId, 2],
        [final?.jobId, 1],
      ],
    );
    deepEqual([record?.checkpoint?.finalJobId, record?.phases?.at(-1)?.name], [final?.jobId, "FINAL_JOB"]);
    const progress = flow.sent[2]?.map(({ batch }) => (batch as Ended).final?.jobId) ?? [];
    deepEqual([progress[0], progress.at(-1)], [undefined, final?.jobId]);
  });

  it("follows a single item too", async () => {
    const flow = await run(WORK, {}, { payload: ["only"], runId: "single item" });
    deepEqual(
      [result<Ended>(flow, "batch").final?.state, result<Ended>(flow, "batch").children],
      ["SUCCEEDED", undefined],
    );
    match(logOf("single item"), /^item only\n(?:.*\n)*all 1 index$/m);
  });

  it("shares a list that is too long for a variable with the children", async () => {
    const payload = Array.from({ length: 3 }, (_, index) => `s3://bucket/${"folder/".repeat(500)}${index}.mp4`);
    const folder = `s3://${local.sandbox.buckets.output}/lists`;
    const flow = await run(
      'echo "$LIGHTLY_PART $LIGHTLY_ITEMS_URI"',
      { itemsFolder: folder, itemsFolderType: "str" },
      { payload, runId: "long" },
    );
    const { jobName, final } = result<Ended>(flow, "batch");
    equal(final?.state, "SUCCEEDED");
    ok(logOf("long").includes(`all ${folder}/${jobName}/items.txt`));
  });

  it("does not run if a child fails, and nothing of it is left", async () => {
    const jobs = since();
    const flow = await run(`test "$AWS_BATCH_JOB_ARRAY_INDEX" != 1`, {}, { runId: "failed child" });
    const { children, error, final } = result<Ended>(flow, "batch", 1);
    deepEqual([children?.failed, error?.code, final], [1, "BATCH_JOB_FAILED", undefined]);
    await until(() => [...jobs().values()].every((state) => state === "FAILED"));
    equal(jobs().size, 2);
  });

  it("fails the step if it fails itself", async () => {
    const flow = await run(`test "$LIGHTLY_PART" = item || exit 4`, {}, { runId: "failed final" });
    const { children, error, state, final } = result<Ended>(flow, "batch", 1);
    deepEqual([children?.failed, state, final?.exitCode, error?.code], [0, "SUCCEEDED", 4, "BATCH_JOB_FAILED"]);
    match(error?.message ?? "", /-final .* ended with exit code 4/);
    equal(result(flow, "payload", 1), "FAILED");
  });

  const abort = async (runId: string, flow: TestFlow, isSeen: (progress: Ended) => boolean): Promise<Ended> => {
    await flow.until(
      () => flow.sent[2]?.some(({ payload, batch }) => payload === "RUNNING" && isSeen(batch as Ended)) === true,
    );
    await runs.abort(runId, "enough");
    await flow.until(() => (flow.sent[1] ?? []).length > 0);
    deepEqual([runs.get(runId)?.state, result(flow, "payload", 1)], ["aborted", "FAILED"]);
    return result<Ended>(flow, "batch", 1);
  };

  it("is terminated with the children when the run is aborted", async () => {
    const jobs = since();
    const flow = await start("sleep 60", {}, { runId: "abort children" });
    const { jobId, final } = await abort("abort children", flow, () => true);
    deepEqual([jobs().get(jobId), jobs().get(final?.jobId ?? "")], ["FAILED", "FAILED"]);
  });

  it("is terminated while it runs", async () => {
    const jobs = since();
    const flow = await start('test "$LIGHTLY_PART" = item || sleep 60', {}, { runId: "abort final" });
    const { jobId, final } = await abort("abort final", flow, (progress) => progress.final !== undefined);
    deepEqual([jobs().get(jobId), jobs().get(final?.jobId ?? "")], ["SUCCEEDED", "FAILED"]);
  });

  it("terminates the children if it can't be submitted", async () => {
    const jobs = since();
    local.sandbox.faults.add({
      ...{ service: "batch", operation: "SubmitJob", kind: "status", status: 403, code: "AccessDeniedException" },
      ...{ after: 1, times: 1 },
    });
    const flow = await run("sleep 60", {}, { runId: "refused final" });
    equal(flow.caught[0]?.error.code, "BATCH_ACCESS_DENIED");
    deepEqual([...jobs().values()], ["FAILED"]);
  });
});
