import { deepEqual, equal, ok } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { failure, openFlow, resumeAll, select, stop, upload, worker } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const MINUTE_MS = 60_000;

describe("a message that a step sends", () => {
  const node = useRestarts();

  it("is sent once per outlet, over all restarts of the step", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    equal(step.recordSend(0, { payload: 1 }, []), true);
    equal(step.recordSend(0, { payload: 2 }, []), false);
    equal(step.recordSend(1, { payload: 3 }, []), true);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    const again = flow.upload.resumed[0];
    equal(again?.recordSend(0, { payload: 4 }, []), false);
    equal(again?.recordSend(1, { payload: 4 }, []), false);
    equal(again?.recordSend("error", { payload: 4 }, []), true);
    await after.flush();
  });

  it("keeps its run active until it is received", () => {
    const runs = new RunRegistry({ later: () => {} });
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, [select.nodeId, stop.nodeId]);
    step.complete({});
    equal(step.outbox.pending.length, 1);
    runs.begin("r", select, { parentStepId: step.record.stepId });
    deepEqual(
      step.outbox.pending.map(({ to }) => to),
      [[stop.nodeId]],
    );
    runs.begin("r", stop, { parentStepId: step.record.stepId });
    deepEqual(step.outbox.pending, []);
  });

  it("is acknowledged by a step of another run too, once that run is saved: the flow may change the id", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const step = runs.begin("a/b", upload);
    step.recordSend(0, {}, [select.nodeId]);
    runs.begin("other", select, { parentStepId: step.record.stepId });
    equal(step.outbox.pending.length, 1);
    await runs.flush();
    deepEqual(step.outbox.pending, []);
    equal(runs.get("other")?.steps[0]?.parentStepId, "a/b/1");
  });

  it("has no sender if its mark is forged", () => {
    const runs = new RunRegistry();
    for (const from of ["", "r", "r/", "/1", "r/99", "unknown/1"]) {
      equal(runs.begin("r", select, { parentStepId: from }).signal.aborted, false);
    }
  });

  it("is a duplicate only for the node that has started a step with it", () => {
    const runs = new RunRegistry({ later: () => {} });
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, [select.nodeId, stop.nodeId]);
    runs.begin("r", select, { parentStepId: step.record.stepId });
    step.recordRedelivery(0);
    equal(runs.isDuplicate("r", select.nodeId, step.record.stepId), true);
    equal(runs.isDuplicate("r", stop.nodeId, step.record.stepId), false);
    equal(runs.isDuplicate("r", select.nodeId, "r/9"), false);
    equal(runs.isDuplicate("unknown", select.nodeId, step.record.stepId), false);
  });

  it("is not a duplicate if the flow makes several messages from it, like a split", () => {
    const runs = new RunRegistry({ later: () => {} });
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, [select.nodeId]);
    runs.begin("r", select, { parentStepId: step.record.stepId });
    equal(runs.isDuplicate("r", select.nodeId, step.record.stepId), false);
  });

  it("counts as dropped by the flow if it was not received within five minutes", () => {
    const time = new FakeClock();
    const runs = new RunRegistry({ now: time.now, later: time.alarm });
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, [select.nodeId]);
    time.advance(MINUTE_MS);
    step.recordSend(1, {}, [select.nodeId]);
    step.complete({});
    time.advance(4 * MINUTE_MS - 1);
    equal(step.outbox.pending.length, 2);
    time.advance(1);
    deepEqual(
      step.outbox.pending.map(({ outlet }) => outlet),
      [1],
    );
    time.advance(MINUTE_MS);
    deepEqual(step.outbox.pending, []);
    equal(step.recordSend(0, {}, []), false, "but it has left");
  });
});

describe("a message that a switch drops", () => {
  it("keeps its run active for five minutes, independent of deploys", () => {
    const time = new FakeClock();
    const runs = new RunRegistry({ now: time.now, later: time.alarm });
    const flow = openFlow(runs);
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, [select.nodeId]);
    step.complete({});
    for (let minute = 1; minute < 5; minute += 1) {
      time.advance(MINUTE_MS);
      resumeAll(runs);
    }
    equal(flow.upload.redelivered.length, 4);
    equal(runs.get("r")?.endedAt, undefined);
    time.advance(MINUTE_MS);
    equal(runs.get("r")?.state, "completed");
    ok(runs.get("r")?.endedAt);
    resumeAll(runs);
    equal(flow.upload.redelivered.length, 4);
  });

  it("keeps its run active for five minutes, even if each deploy resumes its sender", () => {
    const time = new FakeClock();
    const runs = new RunRegistry({ now: time.now, later: time.alarm });
    const flow = openFlow(runs);
    let step = runs.begin("r", worker);
    step.recordSend(0, {}, [select.nodeId]);
    for (let minute = 1; minute < 5; minute += 1) {
      time.advance(MINUTE_MS);
      step.abort("closed", "the flow is deployed again.");
      step.drop();
      resumeAll(runs);
      step = flow.worker.resumed.at(-1) ?? step;
    }
    step.complete({});
    time.advance(MINUTE_MS);
    equal(runs.get("r")?.state, "completed");
    deepEqual(step.outbox.pending, []);
  });
});

describe("a message that was on its way when Node-RED ended", () => {
  const node = useRestarts();

  it("is sent again from its outlet", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    step.recordSend(1, { payload: 7, token: "hidden" }, [select.nodeId]);
    step.complete({});
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    deepEqual(resumeAll(after), []);
    deepEqual(flow.upload.redelivered, [{ outlet: 1, message: { payload: 7, _lightly: { from: "r/1" } } }]);
    deepEqual(flow.upload.resumed, []);
    equal(after.begin("r", select, { parentStepId: "r/1" }).signal.aborted, false);
    await after.flush();
    const third = node.restart();
    const last = openFlow(third);
    resumeAll(third);
    deepEqual(last.upload.redelivered, []);
  });

  it("is sent to Catch again if it was an error", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    step.recordSend("error", { payload: 7 }, [stop.nodeId]);
    step.fail(failure);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    deepEqual(flow.upload.redelivered, [
      {
        outlet: "error",
        message: { payload: 7, _lightly: { from: "r/1" } },
        error: { code: "S3_BUCKET_NOT_FOUND", message: "There is no bucket.", details: { bucket: "b" } },
      },
    ]);
    equal(after.get("r")?.state, "failed");
  });

  it("is not sent again if all receivers had received it, or there was none", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    step.recordSend(0, { payload: 1 }, [select.nodeId]);
    step.recordSend(1, { payload: 2 }, []);
    before.begin("r", select, { parentStepId: step.record.stepId });
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    deepEqual(flow.upload.redelivered, []);
  });

  it("is dropped if its node was deleted, so that the run is over", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    step.recordSend(0, { payload: 1 }, [select.nodeId]);
    step.complete({});
    await before.flush();
    const after = node.restart();
    openFlow(after, { without: [upload] });
    deepEqual(resumeAll(after), []);
    equal(after.get("r")?.state, "completed");
    await after.flush();
    const third = node.restart();
    const flow = openFlow(third);
    resumeAll(third);
    deepEqual(flow.upload.redelivered, []);
  });

  it("counts as dropped five minutes after it was sent again", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    step.recordSend(0, { payload: 1 }, [select.nodeId]);
    step.complete({});
    await before.flush();
    node.time.advance(60 * MINUTE_MS);
    const after = node.restart();
    openFlow(after);
    resumeAll(after);
    node.time.advance(5 * MINUTE_MS);
    await after.flush();
    const third = node.restart();
    const flow = openFlow(third);
    resumeAll(third);
    deepEqual(flow.upload.redelivered, []);
  });
});
