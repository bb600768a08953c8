import { deepEqual, equal } from "node:assert/strict";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import { summarize } from "../../src/records/run-summary.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { openFlow, resumeAll, select, stop, upload, worker } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const crashed = new PipelineError("LIGHTLY_RUN_CRASHED", "The Lightly run l has ended as CRASHED.");
const RESULT = { lightly: { state: "CRASHED" } };

describe("a run whose selection has failed with a result", () => {
  const node = useRestarts();
  let runs: RunRegistry;
  beforeEach(() => {
    runs = new RunRegistry({ now: node.time.now, later: node.time.alarm });
  });

  it("is failed, with the code of that step", () => {
    runs.begin("r", select).failWithResult(crashed, RESULT);
    const record = runs.find("r");
    deepEqual([record.state, record.error?.code], ["failed", "LIGHTLY_RUN_CRASHED"]);
    deepEqual([summarize(record).state, summarize(record).errorCode], ["failed", "LIGHTLY_RUN_CRASHED"]);
    deepEqual(record.steps[0]?.result, RESULT);
  });

  it("continues: the other steps continue, and further ones start", async () => {
    const running = runs.begin("r", worker);
    await running.saveCheckpoint({ commandId: "c" });
    const selecting = runs.begin("r", select);
    selecting.failWithResult(crashed, RESULT);
    equal(running.signal.aborted, false);
    const after = runs.begin("r", upload, { parentStepId: selecting.record.stepId });
    equal(after.signal.aborted, false);
    running.complete({});
    after.complete({});
    runs.begin("r", stop, { parentStepId: selecting.record.stepId }).complete({});
    deepEqual(
      runs.find("r").steps.map(({ state }) => state),
      ["completed", "failed", "completed", "completed"],
    );
    equal(runs.find("r").state, "failed");
  });

  it("ends when one of the further steps fails, and keeps the first error", async () => {
    const running = runs.begin("r", worker);
    await running.saveCheckpoint({ commandId: "c" });
    runs.begin("r", select).failWithResult(crashed, RESULT);
    runs.begin("r", upload).fail(new PipelineError("S3_ACCESS_DENIED", "No."));
    equal(running.signal.aborted, true);
    equal(runs.find("r").error?.code, "LIGHTLY_RUN_CRASHED");
    equal(runs.begin("r", worker).signal.aborted, true);
  });

  it("is retried from the selection", async () => {
    const flow = openFlow(runs);
    runs.begin("r", upload, { message: {} }).complete({});
    runs.begin("r", select, { message: { payload: 1 } }).failWithResult(crashed, RESULT);
    await runs.retry("r");
    const [again] = flow.select.resumed;
    again?.complete({ lightly: { state: "COMPLETED" } });
    const record = runs.find("r");
    deepEqual([record.state, record.steps.map(({ name }) => name)], ["completed", ["upload", "select", "select"]]);
  });

  it("is still failed after a restart, and still continues", async () => {
    const before = node.restart();
    await before.begin("r", worker, { message: {} }).saveCheckpoint({ commandId: "c" });
    before.begin("r", select, { message: {} }).failWithResult(crashed, RESULT);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    const [resumed] = flow.worker.resumed;
    equal(resumed?.signal.aborted, false);
    resumed?.complete({});
    deepEqual([after.find("r").state, after.find("r").error?.code], ["failed", "LIGHTLY_RUN_CRASHED"]);
  });

  it("is started from the beginning by a late message, without the failure", () => {
    runs.begin("r", select).failWithResult(crashed, RESULT);
    node.time.advance(10 * 60_000);
    runs.begin("r", select).complete({});
    equal(runs.find("r").state, "completed");
  });
});
