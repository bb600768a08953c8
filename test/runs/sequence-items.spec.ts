import { deepEqual, equal } from "node:assert/strict";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { failure, openFlow, select, start, stop, upload } from "./fake-flow.ts";

const source = { ...upload, nodeId: "n0", type: "lightly-video-source", role: "source", name: "source" } as const;

/** Sends the items of a step to the upload, as its node does. */
function send(runs: RunRegistry, step: Step, index: number): Step {
  const message = { parts: { id: step.record.stepId, index, count: step.sequence.all?.length }, payload: index };
  step.recordSend(0, message, [upload.nodeId], { item: index });
  return runs.begin("r", upload, { message, parentStepId: step.record.stepId, parentItem: index });
}

describe("a run with a step that sends a sequence", () => {
  let now = 1000;
  let timers: (() => void)[] = [];
  let runs: RunRegistry;
  let step: Step;

  beforeEach(async () => {
    now = 1000;
    timers = [];
    runs = new RunRegistry({ now: () => now, later: (_ms, callback) => timers.push(callback) });
    step = runs.begin("r", source, { message: {} });
    await step.sequence.save({ maxFailures: 1 }, ["a", "b", "c"]);
  });

  const isBusy = (index: number): boolean => runs.all.isBusy({ of: step.record.stepId, index });

  it("knows which items are in a step, or on their way to one", () => {
    equal(isBusy(0), false);
    step.recordSend(0, { parts: { id: step.record.stepId, index: 0 } }, [upload.nodeId], { item: 0 });
    equal(isBusy(0), true);
    equal(isBusy(1), false);
    now += 10_001;
    equal(isBusy(0), false, "the flow has dropped the message");
    const uploading = send(runs, step, 1);
    equal(isBusy(1), true);
    uploading.recordSend(0, {}, [select.nodeId]);
    uploading.complete({});
    equal(isBusy(1), true, "the message is on its way to the selection");
    now += 10_001;
    equal(isBusy(1), false);
  });

  it("does not wait for a message that waits in a join node", () => {
    const uploading = send(runs, step, 0);
    uploading.recordSend(0, {}, [select.nodeId], { isCollected: true });
    uploading.complete({});
    equal(isBusy(0), false);
    equal(runs.get("r")?.state, "running");
  });

  it("continues when an item fails, and fails when more fail than allowed", () => {
    send(runs, step, 0).fail(failure);
    equal(runs.get("r")?.error, undefined);
    equal(step.signal.aborted, false);
    const other = send(runs, step, 2);
    send(runs, step, 1).fail(new PipelineError("SOURCE_EMPTY", "It is empty."));
    equal(runs.get("r")?.error?.code, "SOURCE_EMPTY");
    equal(step.signal.aborted, true);
    equal(other.signal.aborted, true);
  });

  it("fails when its only item fails, or all of them", async () => {
    const one = runs.begin("one", source, { message: {} });
    await one.sequence.save({ maxFailures: 10 }, ["a"]);
    const message = { parts: { id: one.record.stepId, index: 0, count: 1 } };
    runs.begin("one", upload, { message, parentStepId: one.record.stepId, parentItem: 0 }).fail(failure);
    equal(runs.get("one")?.error?.code, failure.code);
  });

  it("fails when a step fails that is not of an item, such as one behind a join node", () => {
    const uploading = send(runs, step, 0);
    uploading.recordSend(0, {}, [start.nodeId], { isCollected: true });
    uploading.complete({});
    runs.begin("r", start, { message: {}, parentStepId: uploading.record.stepId }).fail(failure);
    equal(runs.get("r")?.error?.code, failure.code);
  });

  it("forgets a failure when the same node succeeds for the item", () => {
    send(runs, step, 0).fail(failure);
    equal(step.record.sequence?.failures.length, 1);
    send(runs, step, 0).complete({});
    equal(step.record.sequence?.failures.length, 0);
  });

  it("is over for all items when a join node has collected them", () => {
    const uploads = [0, 1, 2].map((index) => send(runs, step, index));
    for (const uploading of uploads) {
      uploading.recordSend(0, {}, [select.nodeId], { isCollected: true });
      uploading.complete({});
    }
    step.complete({});
    equal(runs.get("r")?.state, "running");
    runs.begin("r", select, { message: {}, parentStepId: uploads.at(-1)?.record.stepId ?? "" }).complete({});
    equal(runs.get("r")?.state, "completed");
  });

  it("does not continue from a join node after all items have failed, whatever error it has merged into the message", () => {
    const error = { message: "It is empty." };
    const last = [0, 1, 2].map((index) => {
      const uploading = send(runs, step, index);
      uploading.recordSend("error", {}, [start.nodeId], { isCollected: true });
      uploading.fail(failure);
      return uploading;
    });
    const options = { message: { error }, parentStepId: last.at(-1)?.record.stepId ?? "", afterError: true };
    equal(runs.begin("r", start, options).signal.aborted, true);
    equal(runs.begin("r", stop, options).signal.aborted, false, "a stop always runs");
  });

  it("stores no item whose mask would be taken for its name", async () => {
    const paths = ["/videos/a.mp4", "/videos/curl --token abcdef.mp4"].map((path) => ({ path }));
    await step.sequence.save({ maxFailures: 1 }, paths);
    deepEqual(step.sequence.all, paths);
    deepEqual(step.sequence.saved, [{ path: "/videos/a.mp4" }, null]);
  });

  it("knows a message that was sent twice by its item", () => {
    send(runs, step, 0);
    step.recordSend(0, {}, [upload.nodeId], { item: 1 });
    step.recordRedelivery(0, 1);
    equal(runs.isDuplicate("r", upload.nodeId, step.record.stepId, 1), false);
    equal(runs.isDuplicate("r", upload.nodeId, step.record.stepId, 0), true);
  });

  it("sends only the items that have not completed when it is retried", async () => {
    const flow = openFlow(runs);
    runs.nodes.register(source.nodeId, flow.upload);
    send(runs, step, 0).complete({});
    send(runs, step, 1).fail(failure);
    send(runs, step, 2).fail(failure);
    step.drop();
    await runs.retry("r");
    const [again] = flow.upload.resumed;
    deepEqual(again?.sequence.all, ["b", "c"]);
    equal(again?.record.sequence?.count, 2);
    equal(flow.upload.resumed.length, 1, "the uploads are started by its messages");
  });
});

describe("a run of its own for each item", () => {
  it("belongs to the item, and can be run again", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const flow = openFlow(runs);
    const step = runs.begin("r", source, { message: {} });
    await step.sequence.save({ maxFailures: 5, hasOwnRuns: true }, ["a", "b"]);
    const item = { of: step.record.stepId, index: 0 };
    const message = { runId: "r-1-1", parts: { id: item.of, index: 0, count: 2 } };
    step.recordSend(0, message, [upload.nodeId], { item: 0 });
    const uploading = runs.begin("r-1-1", upload, { message, parentStepId: item.of, parentItem: 0 });
    equal(runs.all.isBusy(item), true);
    equal(step.sequence.hasSent(0), true);
    uploading.fail(failure);
    equal(runs.get("r")?.error, undefined);
    await step.sequence.waitFor(0);
    equal(step.record.sequence?.failures.length, 1);
    await runs.rerun("r-1-1", "again");
    equal(flow.upload.resumed.length, 1);
  });
});
