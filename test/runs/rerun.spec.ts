import { deepEqual, equal, rejects } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { type FakeFlow, failure, openFlow, select, start, upload, worker } from "./fake-flow.ts";

describe("a rerun", () => {
  let runs: RunRegistry;
  let flow: FakeFlow;

  beforeEach(() => {
    runs = new RunRegistry({ later: () => {} });
    flow = openFlow(runs);
  });

  it("starts a new run with the first messages of both branches", async () => {
    const first = runs.begin("r", upload, { message: { _msgid: "r", payload: 1 } });
    runs.begin("r", select, { message: { _msgid: "r", payload: 2 } }).complete({});
    first.complete({});
    runs.begin("r", start, { message: { _msgid: "r", payload: 3 }, parentStepId: first.record.stepId }).complete({});
    const record = await runs.rerun("r", "new");
    equal(record.runId, "new");
    equal(record.state, "running");
    deepEqual(flow.upload.messages, [{ _msgid: "new", payload: 1 }]);
    deepEqual(flow.select.messages, [{ _msgid: "new", payload: 2 }]);
    deepEqual(flow.start.messages, []);
    equal(flow.upload.resumed[0]?.runId, "new");
    equal(runs.get("r")?.state, "completed", "the old one stays as it was");
  });

  it("has the new id in the message even if the flow had set the run's id", async () => {
    runs.begin("r", upload, { message: { _msgid: "m", runId: "r" } }).complete({});
    await runs.rerun("r", "new");
    deepEqual(flow.upload.messages, [{ _msgid: "new", runId: "new" }]);
  });

  it("starts a retried step once", async () => {
    runs.begin("r", upload, { message: { _msgid: "r" } }).fail(failure);
    await runs.retry("r");
    flow.upload.resumed[0]?.complete({});
    await runs.rerun("r", "new");
    equal(runs.get("new")?.steps.length, 1);
  });

  it("sends edited messages instead of the old ones, and unchanged secrets as they were", async () => {
    const message = { _msgid: "r", payload: 1, apiKey: "secret" };
    runs.begin("r", upload, { message }).fail(failure);
    runs.begin("r", select, { message: { _msgid: "r", payload: 2 } }).fail(failure);
    const { value } = runs.input("r", 1) ?? {};
    await runs.rerun("r", "new", { "1": { ...Object(value), payload: 9 } });
    deepEqual(flow.upload.messages, [{ _msgid: "new", payload: 9, apiKey: "secret" }]);
    deepEqual(flow.select.messages, [{ _msgid: "new", payload: 2 }]);
    await runs.rerun("r", "other", { "1": { payload: 9, apiKey: "another" } });
    deepEqual(flow.upload.messages.at(-1), { _msgid: "other", payload: 9, apiKey: "another" });
    await runs.rerun("r", "less", { "1": { payload: 9 } });
    deepEqual(flow.upload.messages.at(-1), { _msgid: "less", payload: 9 });
  });

  it("refuses an edited message for a step that has not received a message of the trigger", async () => {
    runs.begin("r", upload, { message: { _msgid: "r" } }).complete({});
    await rejects(() => runs.rerun("r", "new", { "2": {} }), { code: "INPUT_INVALID", message: /steps: 1\.$/ });
    equal(runs.get("new"), undefined);
  });

  it("is possible for an active run", async () => {
    runs.begin("r", worker, { message: { _msgid: "r" } });
    await runs.rerun("r", "new");
    equal(runs.get("r")?.state, "running");
    equal(runs.get("new")?.state, "running");
  });

  it("requires the run, its nodes and its messages", async () => {
    await rejects(() => runs.rerun("unknown", "new"), { code: "RUN_NOT_FOUND" });
    runs.begin("no message", upload).complete({});
    await rejects(() => runs.rerun("no message", "new"), { code: "RUN_NOT_RETRYABLE" });
    runs.begin("r", upload, { message: {} }).complete({});
    runs.begin("r", select, { message: {} }).complete({});
    runs.nodes.unregister(select.nodeId, flow.select);
    await rejects(() => runs.rerun("r", "new"), { code: "RUN_NOT_RETRYABLE", message: /"select"/ });
    equal(runs.get("new"), undefined, "nothing is started partially");
  });
});
