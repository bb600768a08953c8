import { deepEqual, equal } from "node:assert/strict";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { failure, openFlow, resumeAll, select, stop, upload, worker } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

describe("a restart of Node-RED", () => {
  const node = useRestarts();

  it("restores a finished run completely, and resumes nothing of it", async () => {
    const before = node.restart();
    const step = before.begin("r", upload, { message: { payload: 1 } });
    step.progress({ state: "uploading", loadedBytes: 5 });
    await step.saveCheckpoint({ bucket: "b", key: "k" });
    node.time.advance(1000);
    step.complete({ s3: { key: "k" } });
    before.begin("failed", upload).fail(failure);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    deepEqual(resumeAll(after), []);
    deepEqual(after.list(), before.list());
    deepEqual([flow.upload.resumed, flow.upload.redelivered, flow.upload.kept], [[], [], []]);
    equal(after.get("failed")?.error?.code, "S3_BUCKET_NOT_FOUND");
  });

  it("leaves a run interrupted until its flow starts, and then running", async () => {
    const before = node.restart();
    before.begin("r", upload).complete({});
    before.begin("r", select);
    await before.flush();
    const after = node.restart();
    equal(after.get("r")?.state, "interrupted");
    deepEqual(
      after.get("r")?.steps.map(({ state }) => state),
      ["completed", "interrupted"],
    );
    openFlow(after);
    deepEqual(resumeAll(after), []);
    equal(after.get("r")?.state, "running");
    equal(after.get("r")?.endedAt, undefined);
  });

  it("resumes a step in its node with the message that it had received and its checkpoint", async () => {
    const before = node.restart();
    const step = before.begin("r", worker, {
      message: { payload: { clip: 7 }, token: "hidden", req: {} },
      parentStepId: "r/0",
    });
    await step.saveCheckpoint({ commandId: "c-1" });
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    const [again] = flow.worker.resumed;
    deepEqual(flow.worker.messages, [{ payload: { clip: 7 } }]);
    deepEqual(again?.checkpoint, { commandId: "c-1" });
    deepEqual(again?.received.missing, ["token (secret)"], "the HTTP exchange is not reported");
    equal(again?.record.stepId, "r/1");
    equal(again?.record.parentStepId, "r/0");
    equal(again?.record.resumeCount, 1);
    equal(again?.signal.aborted, false);
    node.time.advance(1000);
    again?.complete({});
    equal(after.get("r")?.state, "completed");
    equal(after.get("r")?.endedAt, node.time.now());
  });

  it("counts how often a step was resumed", async () => {
    const before = node.restart();
    before.begin("r", select, { message: { payload: 1 } });
    await before.flush();
    for (let count = 1; count <= 3; count += 1) {
      const after = node.restart();
      const flow = openFlow(after);
      resumeAll(after);
      equal(after.get("r")?.steps[0]?.resumeCount, count);
      deepEqual(flow.select.messages, [{ payload: 1 }]);
      await after.flush();
    }
  });

  it("keeps the order of the runs", async () => {
    const before = node.restart();
    for (const runId of ["c", "a", "b"]) {
      before.begin(runId, select);
      node.time.advance(1);
    }
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    deepEqual(
      flow.select.resumed.map(({ runId }) => runId),
      ["c", "a", "b"],
    );
  });

  it("resumes a step of a failed run with an aborted signal, and continues its stop", async () => {
    const before = node.restart();
    before.begin("r", select, { message: { payload: 1 } });
    before.begin("r", stop, { message: { payload: 2 } });
    before.begin("r", upload).fail(failure);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    deepEqual(resumeAll(after), []);
    equal(flow.select.resumed[0]?.signal.aborted, true);
    equal(flow.select.resumed[0]?.abortCause, "sibling failed");
    equal(flow.stop.resumed[0]?.signal.aborted, false);
    flow.select.resumed[0]?.drop();
    flow.stop.resumed[0]?.complete({});
    equal(after.get("r")?.state, "failed");
    equal(after.get("r")?.error?.code, "S3_BUCKET_NOT_FOUND");
  });

  it("resumes a step of an aborted run with an aborted signal", async () => {
    const before = node.restart();
    before.begin("r", select);
    before.abort("r", "it is not needed.");
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    equal(flow.select.resumed[0]?.signal.aborted, true);
    flow.select.resumed[0]?.drop();
    equal(after.get("r")?.state, "aborted");
    equal(after.get("r")?.error?.message, "Stopped: it is not needed.");
  });

  it("restores the events of the steps", async () => {
    const before = node.restart();
    before.begin("r", worker).events.emit({ kind: "command-started", instanceId: "i-1", commandId: "c" });
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    equal(flow.worker.resumed[0]?.events.latest("command-started")?.commandId, "c");
  });

  it("keeps the first messages of a run", async () => {
    const before = node.restart();
    const trigger = { kind: "node", nodeId: "n0", type: "inject", name: "by hand" } as const;
    before.begin("r", upload, { trigger }).complete({});
    before.begin("r", select, { trigger: { ...trigger, nodeId: "another" } });
    await before.flush();
    const after = node.restart();
    deepEqual(after.get("r")?.trigger, trigger);
    deepEqual(after.summary("r")?.trigger, trigger);
  });

  it("gives each further step of a resumed run a new id", async () => {
    const before = node.restart();
    before.begin("r", upload).complete({});
    before.begin("r", select);
    await before.flush();
    const after = node.restart();
    openFlow(after);
    resumeAll(after);
    after.begin("r", stop);
    deepEqual(
      after.get("r")?.steps.map(({ stepId }) => stepId),
      ["r/1", "r/2", "r/3"],
    );
  });

  it("stores the message of every step on disk, without secrets", async () => {
    const before = node.restart();
    before.begin("r", upload, { message: { payload: "done with" } }).complete({});
    before.begin("r", select, { message: { payload: { clip: 7 }, token: "hidden", req: {} } });
    await before.flush();
    const [run] = new RunJournal({ folder: node.path, warn: () => {} }).load();
    deepEqual(run?.steps[0]?.message, { payload: "done with" });
    deepEqual(run?.steps[1]?.message, { payload: { clip: 7 }, token: "***" });
    deepEqual(run?.steps[1]?.omitted, [
      { path: ["token"], why: "secret" },
      { path: ["req"], why: "part of an HTTP exchange" },
    ]);
  });

  it("keeps runs that started before the journal was attached", async () => {
    const runs = new RunRegistry({ now: node.time.now });
    const early = runs.begin("early", upload);
    runs.attach(new RunJournal({ folder: node.path, warn: () => {} }));
    equal(runs.get("early")?.state, "running");
    early.complete({});
    await runs.flush();
    equal(node.restart().get("early")?.state, "completed");
  });
});

describe("without a journal", () => {
  it("everything works in the same way, and checkpoints resolve immediately", async () => {
    const runs = new RunRegistry();
    const step = runs.begin("r", upload, { message: { payload: 1 } });
    await step.saveCheckpoint({ bucket: "b" });
    await step.saveCheckpoint({ key: "k" });
    deepEqual(runs.get("r")?.steps[0]?.checkpoint, { bucket: "b", key: "k" });
    await runs.flush();
  });
});
