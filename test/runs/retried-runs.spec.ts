import { deepEqual, equal, rejects } from "node:assert/strict";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { type FakeFlow, failure, openFlow, resumeAll, select, start, stop, upload, worker } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const ec2 = { instanceIds: ["i-1"] };

describe("a run that is retried", () => {
  let runs: RunRegistry;
  let flow: FakeFlow;
  let now = 0;

  beforeEach(() => {
    now = 1000;
    runs = new RunRegistry({ now: () => now, later: () => {} });
    flow = openFlow(runs);
  });

  it("starts the failed step again as a new step with the same node, name and sender", async () => {
    const first = runs.begin("r", upload);
    first.complete({});
    runs.begin("r", select, { parentStepId: first.record.stepId }).fail(failure);
    now = 2000;
    const record = await runs.retry("r");
    equal(record.state, "running");
    equal(record.error, undefined);
    equal(record.endedAt, undefined);
    const { nodeId, type, role, name } = select;
    deepEqual(record.steps[2], {
      stepId: "r/3",
      nodeId,
      type,
      role,
      name,
      startedAt: 2000,
      state: "running",
      parentStepId: "r/1",
    });
    equal(record.steps[1]?.replacedBy, "r/3");
    equal(flow.select.resumed[0]?.record.stepId, "r/3");
    equal(flow.select.resumed[0]?.signal.aborted, false);
  });

  it("completes if that succeeds", async () => {
    runs.begin("r", upload).fail(failure);
    await runs.retry("r");
    flow.upload.resumed[0]?.complete({});
    equal(runs.get("r")?.state, "completed");
  });

  it("gives the step the message that it had received, including secrets, even if it has changed it", async () => {
    const message: Record<string, unknown> = { payload: { clip: 7 }, token: "hidden" };
    const step = runs.begin("r", upload, { message });
    message.payload = "changed";
    message.s3 = { half: "done" };
    step.fail(failure);
    await runs.retry("r");
    deepEqual(flow.upload.messages, [{ payload: { clip: 7 }, token: "hidden" }]);
    deepEqual(flow.upload.resumed[0]?.received.missing, []);
  });

  it("gives it the same message when it is retried again", async () => {
    const message: Record<string, unknown> = { payload: 1, token: "hidden" };
    runs.begin("r", upload, { message }).fail(failure);
    for (let count = 0; count < 3; count += 1) {
      await runs.retry("r");
      (flow.upload.messages.at(-1) as Record<string, unknown>).payload = "changed";
      flow.upload.resumed.at(-1)?.fail(failure);
    }
    deepEqual(
      runs.get("r")?.steps.map(({ replacedBy }) => replacedBy),
      ["r/2", "r/3", "r/4", undefined],
    );
    await runs.retry("r");
    deepEqual(flow.upload.messages.at(-1), { payload: 1, token: "hidden" });
  });

  it("starts the step without a checkpoint", async () => {
    const step = runs.begin("r", upload);
    void step.saveCheckpoint({ uploadId: "u" });
    step.fail(failure);
    await runs.retry("r");
    deepEqual(flow.upload.resumed[0]?.checkpoint, {});
  });

  it("sends again what the failed step had sent", async () => {
    const step = runs.begin("r", upload);
    step.recordSend("error", {}, []);
    step.fail(failure);
    await runs.retry("r");
    equal(flow.upload.resumed[0]?.recordSend(0, {}, []), true);
    equal(flow.upload.resumed[0]?.recordSend("error", {}, []), true);
  });

  it("starts again with the start of an instance that was stopped since, and with the aborted Lightly run", async () => {
    const starting = runs.begin("r", start);
    const selecting = runs.begin("r", select);
    starting.complete({ ec2 });
    const working = runs.begin("r", worker, { parentStepId: starting.record.stepId });
    working.fail(failure);
    selecting.drop();
    runs.begin("r", stop, { parentStepId: working.record.stepId }).complete({ ec2 });
    await runs.retry("r");
    deepEqual(
      [flow.start, flow.select, flow.worker, flow.stop].map(({ resumed }) => resumed.length),
      [1, 1, 0, 0],
    );
  });

  it("clears the events of its steps", async () => {
    const step = runs.begin("r", worker);
    step.events.emit({ kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: false, summary: "x" });
    step.fail(failure);
    await runs.retry("r");
    equal(flow.worker.resumed[0]?.events.latest("command-ended"), undefined);
  });

  it("may have been aborted by the user", async () => {
    const step = runs.begin("r", upload);
    await runs.abort("r", "it is not needed.");
    step.drop();
    equal((await runs.retry("r")).state, "running");
    flow.upload.resumed[0]?.complete({});
    equal(runs.get("r")?.state, "completed");
  });

  it("must exist, and be failed or aborted", async () => {
    await rejects(() => runs.retry("unknown"), { code: "RUN_NOT_FOUND" });
    runs.begin("well", upload).complete({});
    await rejects(() => runs.retry("well"), { code: "RUN_NOT_RETRYABLE", message: /it is completed/ });
    runs.begin("running", stop);
    runs.begin("running", upload).fail(failure);
    await rejects(() => runs.retry("running"), { code: "RUN_NOT_RETRYABLE", message: /has not ended yet/ });
    deepEqual(flow.upload.resumed, []);
  });

  it("must have all its nodes, and is not started partially", async () => {
    runs.begin("r", upload).fail(failure);
    const selecting = runs.begin("r", select);
    selecting.drop();
    runs.nodes.unregister(select.nodeId, flow.select);
    await rejects(() => runs.retry("r"), {
      code: "RUN_NOT_RETRYABLE",
      message: /"select" is deleted or disabled/,
      details: { runId: "r", nodeId: select.nodeId },
    });
    deepEqual(flow.upload.resumed, []);
    equal(runs.get("r")?.state, "failed");
  });
});

describe("a run that is retried after a restart", () => {
  const node = useRestarts();

  it("has the message that its step had received without its secrets, which are named", async () => {
    const before = node.restart();
    before.begin("r", upload, { message: { payload: 1, token: "hidden" } }).fail(failure);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    resumeAll(after);
    equal(flow.upload.resumed.length, 0);
    after.retry("r");
    deepEqual(flow.upload.messages, [{ payload: 1 }]);
    deepEqual(flow.upload.resumed[0]?.received.missing, ["token (secret)"]);
    await after.flush();
    const third = node.restart();
    const last = openFlow(third);
    resumeAll(third);
    equal(last.upload.resumed[0]?.record.stepId, "r/2");
    deepEqual(last.upload.messages, [{ payload: 1 }]);
  });
});
