import { deepEqual, doesNotMatch, equal, match, ok, rejects } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { restoreMessage } from "../../src/messages/restore-message.ts";
import { copyMessage } from "../../src/messages/safe-copy.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeControl } from "./fake-control.ts";
import { failure, openFlow, resumeAll, select, start, stop, upload, worker } from "./fake-flow.ts";
import { LeasingSteps } from "./leasing-steps.ts";
import { useRestarts } from "./restarts.ts";

const ec2 = { instanceIds: ["i-1"] };

describe("a run in an unusual situation", () => {
  const node = useRestarts();
  let leasing = new LeasingSteps();
  beforeEach(() => {
    leasing = new LeasingSteps();
  });

  it("starts the worker once after the start when it is retried for the second time", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const flow = openFlow(runs);
    let from = runs.begin("r", start);
    from.complete({ ec2 });
    const pass = (starting: Step): void => {
      const working = runs.begin("r", worker, { parentStepId: starting.record.stepId });
      working.fail(failure);
      runs.begin("r", stop, { parentStepId: working.record.stepId, afterError: true }).complete({ ec2 });
    };
    pass(from);
    await runs.retry("r");
    from = flow.start.resumed[0] as Step;
    from.complete({ ec2 });
    pass(from);
    await runs.retry("r");
    deepEqual([flow.start.resumed.length, flow.worker.resumed.length], [2, 0]);
  });

  it("can't be retried once a retry has completed it", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const flow = openFlow(runs);
    const starting = runs.begin("r", start);
    starting.complete({ ec2 });
    const working = runs.begin("r", worker, { parentStepId: starting.record.stepId });
    working.fail(failure);
    runs.begin("r", stop, { parentStepId: working.record.stepId, afterError: true }).complete({ ec2 });
    await runs.retry("r");
    const again = flow.start.resumed[0] as Step;
    again.complete({ ec2 });
    runs.begin("r", worker, { parentStepId: again.record.stepId }).complete({});
    runs.begin("r", stop).complete({ ec2 });
    equal(runs.get("r")?.state, "completed");
    await rejects(() => runs.retry("r"), { code: "RUN_NOT_RETRYABLE" });
  });

  it("can't be retried if it has continued from Catch to its end, nor for an earlier pass with the same id", async () => {
    const runs = new RunRegistry({ later: () => {} });
    openFlow(runs);
    runs.begin("r", upload).fail(failure);
    runs.begin("r", upload, { afterError: true }).complete({});
    equal(runs.get("r")?.state, "completed");
    await rejects(() => runs.retry("r"), { code: "RUN_NOT_RETRYABLE" });
  });

  it("is not overtaken if it has reached the start and has not requested a lease yet", async () => {
    const runs = node.restart();
    openFlow(runs);
    const uploading = runs.begin("first", upload);
    await leasing.startOf(runs, "second");
    uploading.recordSend(0, {}, [start.nodeId]);
    uploading.complete({});
    const starting = runs.begin("first", start, { parentStepId: uploading.record.stepId });
    await turn();
    deepEqual(leasing.granted, []);
    void leasing.acquire(starting);
    await turn();
    deepEqual(leasing.granted, ["first"]);
  });

  it("stays aborted on disk if its node was deleted", async () => {
    const before = node.restart();
    openFlow(before);
    const step = before.begin("r", select);
    step.abort("closed", "stopped.");
    step.drop();
    await before.flush();
    before.nodes.unregister(select.nodeId, openFlow(before, { without: [] }).select);
    equal(resumeAll(before).length, 1);
    await before.flush();
    const after = node.restart();
    equal(after.get("r")?.steps[0]?.state, "aborted");
    equal(after.get("r")?.state, "aborted");
  });

  it("sends the same message at each redelivery", async () => {
    const before = node.restart();
    const step = before.begin("r", upload);
    step.recordSend(0, { text: "curl --token abcdef", large: Buffer.alloc(5000), payload: 1 }, [select.nodeId]);
    step.complete({});
    await before.flush();
    const second = node.restart();
    const flow = openFlow(second);
    resumeAll(second);
    await second.flush();
    const third = node.restart();
    const last = openFlow(third);
    resumeAll(third);
    await third.flush();
    deepEqual(last.upload.redelivered, flow.upload.redelivered);
  });

  it("expires a message after five minutes even if the clock was set back", () => {
    const time = new FakeClock();
    let offset = 0;
    const runs = new RunRegistry({ now: () => time.now() + offset, later: time.alarm });
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, [select.nodeId]);
    step.complete({});
    offset = -1;
    time.advance(5 * 60_000);
    deepEqual(step.outbox.pending, []);
  });

  it("has no lease after it was removed", async () => {
    const before = node.restart();
    await leasing.startOf(before, "a");
    await before.flush();
    node.time.advance(31 * 24 * 3600_000);
    const after = node.restart();
    equal(after.get("a"), undefined);
    deepEqual(after.begin("b", start).instances.neededByOthers("i-1"), []);
    await after.flush();
  });

  it("stops an instance with clients that are available only after its run was abandoned", async () => {
    const before = node.restart();
    (await leasing.startOf(before, "a")).complete({ ec2 });
    before.begin("a", select);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after, { without: [select] });
    const control = new FakeControl();
    flow.start.onKeep = (step) => void turn().then(() => step.instances.useControl(["i-1"], control));
    resumeAll(after);
    await turn();
    await turn();
    await turn();
    equal(control.tries.length, 1);
  });

  it("resumes a step with an aborted signal if the node of another step was deleted", async () => {
    const before = node.restart();
    before.begin("r", worker);
    before.begin("r", select);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after, { without: [select] });
    let wasAborted: boolean | undefined;
    flow.worker.resume = (step) => {
      wasAborted = step.signal.aborted;
    };
    resumeAll(after);
    equal(wasAborted, true);
  });

  it("does not use a mask as a value after a name with a dot", () => {
    deepEqual(restoreMessage(copyMessage({ payload: { "api.token": "hidden", kept: 1 } })), { payload: { kept: 1 } });
  });

  it("does not use a mask as a value if there are more than fifty", () => {
    const payload = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`token${i}`, "hidden"]));
    doesNotMatch(JSON.stringify(restoreMessage(copyMessage({ payload }))), /\*\*\*/);
  });

  it("does not use a mask as a value after a very long name", () => {
    const payload = { ["x".repeat(250)]: { token: "hidden" } };
    doesNotMatch(JSON.stringify(restoreMessage(copyMessage({ payload }))), /\*\*\*/);
  });

  it("restores a small Buffer as a Buffer", () => {
    const live = { payload: Buffer.from("abc") };
    ok(Buffer.isBuffer((restoreMessage(copyMessage(live), live) as typeof live).payload));
  });

  it("contains the prefix of an abort once", () => {
    const runs = new RunRegistry();
    const step = runs.begin("r", select);
    step.abort("removed", "the node was deleted or disabled.");
    step.drop();
    match(runs.get("r")?.error?.message ?? "", /^Stopped: the node/);
  });

  it("uses the running instance when a step is retried on it", async () => {
    const runs = node.restart();
    const flow = openFlow(runs);
    const starting = await leasing.startOf(runs, "a");
    const working = runs.begin("a", worker, { parentStepId: starting.record.stepId });
    starting.complete({ ec2 });
    working.fail(failure);
    await runs.retry("a");
    equal(flow.worker.resumed.length, 1);
    await leasing.startOf(runs, "b");
    deepEqual(leasing.granted, ["a"]);
    await runs.flush();
  });

  it("starts the instance again when another run has stopped it", async () => {
    const time = new FakeClock();
    const runs = new RunRegistry({ now: time.now, later: () => {} });
    const flow = openFlow(runs);
    const starting = runs.begin("a", start);
    starting.complete({ ec2 });
    runs.begin("a", worker, { parentStepId: starting.record.stepId }).fail(failure);
    time.advance(1);
    runs.begin("b", stop).complete({ ec2 });
    await runs.retry("a");
    deepEqual([flow.start.resumed.length, flow.worker.resumed.length], [1, 0]);
  });

  it("starts no instance for a step that failed after the stop", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const flow = openFlow(runs);
    const starting = runs.begin("a", start);
    starting.complete({ ec2 });
    const stopping = runs.begin("a", stop, { parentStepId: starting.record.stepId });
    stopping.complete({ ec2 });
    runs.begin("a", upload, { parentStepId: stopping.record.stepId }).fail(failure);
    await runs.retry("a");
    deepEqual([flow.start.resumed.length, flow.upload.resumed.length], [0, 1]);
  });

  it("can't be retried while a Catch message is on its way to the stop", async () => {
    const runs = new RunRegistry({ later: () => {} });
    openFlow(runs);
    const step = runs.begin("a", worker);
    step.recordSend("error", {}, [stop.nodeId]);
    step.fail(failure);
    await rejects(() => runs.retry("a"), { code: "RUN_NOT_RETRYABLE" });
  });

  it("can't be retried before it was resumed", async () => {
    const before = node.restart();
    before.begin("r", stop);
    before.begin("r", upload).fail(failure);
    await before.flush();
    const after = node.restart();
    openFlow(after);
    await rejects(() => after.retry("r"), { code: "RUN_NOT_RETRYABLE" });
  });

  it("can be aborted between two steps", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const step = runs.begin("r", upload);
    step.recordSend(0, {}, [select.nodeId]);
    step.complete({});
    await runs.abort("r", "x");
    equal(runs.begin("r", select, { parentStepId: step.record.stepId }).signal.aborted, true);
  });

  it("stores no secret of an abort's reason on disk", async () => {
    const runs = node.restart();
    runs.begin("r", upload);
    await runs.abort("r", "because?token=secret");
    await runs.flush();
    const { readdir, readFile } = await import("node:fs/promises");
    const [name] = await readdir(node.path);
    doesNotMatch(await readFile(`${node.path}/${name}`, "utf8"), /=secret/);
  });

  it("notifies once per progress", () => {
    const runs = new RunRegistry();
    const step = runs.begin("r", upload);
    let changes = 0;
    runs.onChange(() => {
      changes += 1;
    });
    step.progress({ state: "uploading" });
    equal(changes, 1);
  });

  it("starts each first node once when it is rerun, even if several passes had its id", async () => {
    const time = new FakeClock();
    const runs = new RunRegistry({ now: time.now, later: () => {} });
    openFlow(runs);
    runs.begin("nightly", upload, { message: { payload: 1 } }).complete({});
    time.advance(3600_000);
    runs.begin("nightly", upload, { message: { payload: 2 } }).complete({});
    await runs.rerun("nightly", "new");
    equal(runs.get("new")?.steps.length, 1);
  });

  it("reports the parts of the message that were not stored when it is rerun", async () => {
    const runs = new RunRegistry({ later: () => {} });
    const flow = openFlow(runs);
    runs.begin("r", upload, { message: { payload: 1, token: "hidden" } }).complete({});
    await runs.rerun("r", "new");
    deepEqual(flow.upload.messages, [{ _msgid: "new", payload: 1 }]);
    deepEqual(flow.upload.resumed[0]?.received.missing, ["token (secret)"]);
  });

  it("can't be rerun with the id of an existing run", async () => {
    const runs = new RunRegistry({ later: () => {} });
    openFlow(runs);
    runs.begin("r", upload, { message: { payload: 1 } }).complete({});
    await rejects(() => runs.rerun("r", "r"));
  });
});
