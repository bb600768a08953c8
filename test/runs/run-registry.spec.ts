import { deepEqual, equal, ok } from "node:assert/strict";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import { failure, select, start, stop, upload } from "./fake-flow.ts";

describe("a registry of runs", () => {
  let now = 1000;
  const registry = (): RunRegistry => new RunRegistry({ now: () => now });

  beforeEach(() => {
    now = 1000;
  });

  it("starts a run with its first step, and adds all steps with the same id to it", () => {
    const runs = registry();
    runs.begin("r", upload);
    runs.begin("r", select);
    runs.begin("other", upload);
    deepEqual(
      runs.get("r")?.steps.map((step) => step.name),
      ["upload", "select"],
    );
    equal(runs.list().length, 2);
    equal(runs.get("unknown"), undefined);
  });

  it("ends a run when no step is running, with the time of the last end and the steps' results", () => {
    const runs = registry();
    const first = runs.begin("r", upload);
    const second = runs.begin("r", select);
    now = 2000;
    first.complete({ s3: { key: "k" } });
    equal(runs.get("r")?.state, "running");
    now = 3000;
    second.complete({});
    const run = runs.get("r") as RunRecord;
    equal(run.state, "completed");
    equal(run.endedAt, 3000);
    deepEqual(run.steps[0]?.result, { s3: { key: "k" } });
  });

  it("keeps a step's result without secrets, even if the flow changes the message afterwards", () => {
    const runs = registry();
    const ssm: Record<string, unknown> = { stdout: "TOKEN=abc123def", instanceIds: ["i-1"] };
    runs.begin("r", upload).complete({ ssm });
    ssm.instanceIds = [];
    ssm.callback = () => "what a function node may put there";
    deepEqual(runs.get("r")?.steps[0]?.result, { ssm: { stdout: "TOKEN=***", instanceIds: ["i-1"] } });
  });

  it("needs an instance while a step is running and for five minutes after that, and again when a later step starts", () => {
    const runs = registry();
    const minute = 60_000;
    const first = runs.begin("r", start);
    const isNeeded = (): boolean => first.instances.isNeeded("i-1");
    equal(isNeeded(), true);
    now = 2000;
    first.complete({ ec2: { instanceIds: ["i-1"] } });
    now += 5 * minute - 1;
    equal(isNeeded(), true);
    now += 1;
    equal(isNeeded(), false);
    const second = runs.begin("r", select);
    now += 9 * minute;
    equal(isNeeded(), true);
    second.complete({});
    now += 5 * minute;
    equal(isNeeded(), false);
  });

  it("broadcasts to a finished run as long as it has a listener", () => {
    const runs = registry();
    const over = runs.begin("over", upload);
    const heard: string[] = [];
    const unsubscribe = over.events.subscribeNew("instances-stopped", ({ instanceIds }) => heard.push(...instanceIds));
    over.complete({});
    const stopping = runs.begin("other", stop);
    stopping.broadcast({ kind: "instances-stopped", instanceIds: ["i-1"] });
    unsubscribe();
    stopping.broadcast({ kind: "instances-stopped", instanceIds: ["i-2"] });
    deepEqual(heard, ["i-1"]);
    equal(over.events.latest("instances-stopped")?.instanceIds[0], "i-1");
  });

  it("aborts the other steps of a run when one fails, except stop steps", () => {
    const runs = registry();
    const failing = runs.begin("r", upload);
    const sibling = runs.begin("r", select);
    const stopping = runs.begin("r", stop);
    const stranger = runs.begin("other", select);
    failing.fail(failure);
    equal(sibling.signal.aborted, true);
    equal(sibling.abortCause, "sibling failed");
    equal(stopping.signal.aborted, false);
    equal(stranger.signal.aborted, false);
  });

  it("keeps the first failure as that of the run", () => {
    const runs = registry();
    const first = runs.begin("r", upload);
    const second = runs.begin("r", stop);
    first.fail(failure);
    second.fail(new PipelineError("EC2_ACCESS_DENIED", "No."));
    equal(runs.get("r")?.state, "failed");
    equal(runs.get("r")?.error?.code, "S3_BUCKET_NOT_FOUND");
  });

  it("does not start a step in a failed run, unless it always runs", () => {
    const runs = registry();
    runs.begin("r", upload).fail(failure);
    equal(runs.begin("r", select).signal.aborted, true);
    equal(runs.begin("r", stop).signal.aborted, false);
  });

  it("continues after a failure with a message from Catch", () => {
    const runs = registry();
    runs.begin("r", upload).fail(failure);
    const again = runs.begin("r", upload, { afterError: true });
    equal(again.signal.aborted, false);
    again.complete({});
    equal(runs.get("r")?.state, "completed");
  });

  it("starts a new pass for a message minutes after the end, because a flow may give each trigger the same run id", () => {
    const runs = registry();
    const first = runs.begin("nightly", upload);
    first.events.emit({ kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: false, summary: "x" });
    first.fail(failure);
    now += 299_999;
    equal(runs.begin("nightly", select).signal.aborted, true, "a straggler of the pass that failed");
    now += 300_000;
    const later = runs.begin("nightly", stop);
    equal(runs.get("nightly")?.error?.code, "S3_BUCKET_NOT_FOUND", "a stop begins no new pass");
    later.complete({});
  });

  it("starts a new pass without the failure and the events of the previous one", () => {
    const runs = registry();
    const first = runs.begin("nightly", upload);
    first.events.emit({ kind: "command-ended", instanceId: "i-1", commandId: "c", succeeded: false, summary: "x" });
    first.fail(failure);
    now += 300_000;
    const next = runs.begin("nightly", select);
    equal(next.signal.aborted, false);
    equal(next.events.latest("command-ended"), undefined);
    next.complete({});
    equal(runs.get("nightly")?.state, "completed");
  });

  it("keeps the events when a message with an old error starts a step of a run without a failure", () => {
    const runs = registry();
    const selecting = runs.begin("r", select);
    selecting.events.emit({ kind: "selection", state: "awaited" });
    const worker = runs.begin("r", upload, { afterError: true });
    equal(worker.events.latest("selection")?.state, "awaited");
  });

  it("counts only the first end of a step", () => {
    const runs = registry();
    const step = runs.begin("r", select);
    step.abort("canceled", "because.");
    step.drop();
    step.complete({ lightly: { state: "CANCELED" } });
    equal(runs.get("r")?.steps[0]?.state, "aborted");
    equal(runs.get("r")?.steps[0]?.error?.code, "ABORTED");
  });

  it("sends events to the steps of a run, also to later subscribers", () => {
    const runs = registry();
    const worker = runs.begin("r", upload);
    const early: string[] = [];
    const late: string[] = [];
    const unsubscribe = runs
      .begin("r", select)
      .events.subscribe("command-started", (event) => early.push(event.commandId));
    worker.events.emit({ kind: "command-started", instanceId: "i-1", commandId: "c1" });
    unsubscribe();
    worker.events.emit({ kind: "command-started", instanceId: "i-1", commandId: "c2" });
    worker.events.emit({ kind: "instances-stopped", instanceIds: ["i-1"] });
    runs.begin("r", select).events.subscribe("command-started", (event) => late.push(event.commandId));
    deepEqual(early, ["c1"]);
    deepEqual(late, ["c1", "c2"]);
    equal(worker.events.latest("command-started")?.commandId, "c2");
  });

  it("broadcasts to every active run, and to no finished one", () => {
    const runs = registry();
    const stopping = runs.begin("a", stop);
    const worker = runs.begin("b", upload);
    const over = runs.begin("c", upload);
    over.complete({});
    stopping.broadcast({ kind: "instances-stopped", instanceIds: ["i-1"] });
    deepEqual(worker.events.latest("instances-stopped")?.instanceIds, ["i-1"]);
    equal(stopping.events.latest("instances-stopped")?.kind, "instances-stopped");
    equal(over.events.latest("instances-stopped"), undefined);
  });

  it("can omit earlier events, such as a stop before the instance was started again", () => {
    const runs = registry();
    const step = runs.begin("r", upload);
    step.events.emit({ kind: "instances-stopped", instanceIds: ["i-1"] });
    const seen: string[][] = [];
    const unsubscribe = step.events.subscribeNew("instances-stopped", ({ instanceIds }) => seen.push([...instanceIds]));
    step.events.emit({ kind: "instances-stopped", instanceIds: ["i-2"] });
    unsubscribe();
    step.events.emit({ kind: "instances-stopped", instanceIds: ["i-3"] });
    deepEqual(seen, [["i-2"]]);
  });

  it("notifies about each change with the run's id, and returns copies of records", () => {
    const runs = registry();
    const seen: Array<RunRecord | undefined> = [];
    const unsubscribe = runs.onChange((runId) => seen.push(runs.get(runId)));
    const step = runs.begin("r", upload);
    step.progress({ state: "uploading", loadedBytes: 5 });
    step.complete({});
    unsubscribe();
    runs.begin("r", stop);
    const states = seen.map((run) => run?.steps[0]?.state);
    deepEqual([states[0], states.at(-1), new Set(states).size], ["running", "completed", 2]);
    equal(seen[0]?.steps[0]?.progress, undefined);
    equal(seen.at(-2)?.steps[0]?.progress?.loadedBytes, 5);
    deepEqual(JSON.parse(JSON.stringify(seen.at(-2))), seen.at(-2));
  });

  it("notifies about a removed run", () => {
    const runs = new RunRegistry({ maxRuns: 1 });
    runs.begin("old", upload).complete({});
    const gone: string[] = [];
    runs.onChange((runId) => {
      if (!runs.summary(runId)) {
        gone.push(runId);
      }
    });
    runs.begin("new", upload);
    deepEqual(gone, ["old"]);
  });

  it("summarizes a run with its first and its last step, and no replaced step", async () => {
    const runs = registry();
    runs.begin("r", upload).complete({ much: "x".repeat(10_000) });
    runs.begin("r", select).fail(failure);
    runs.nodes.register("n4", {
      type: select.type,
      role: select.role,
      resume: () => {},
      send: () => {},
      sendError: () => {},
      leadsTo: () => false,
    });
    await runs.retry("r");
    const [summary] = runs.summaries();
    deepEqual(summary, runs.summary("r"));
    equal(summary?.firstStep?.name, "upload");
    deepEqual([summary?.lastStep?.name, summary?.lastStep?.state], ["select", "running"]);
    deepEqual([summary?.state, summary?.completedSteps, summary?.totalSteps], ["running", 1, 2]);
    ok(JSON.stringify(summary).length < 500);
  });
});
