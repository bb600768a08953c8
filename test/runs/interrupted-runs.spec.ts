import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import { RunJournal } from "../../src/runs/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { StepIdentity } from "../../src/runs/step.ts";
import { useTempFolder } from "./journal/temp-folder.ts";

const upload: StepIdentity = { nodeId: "n1", type: "lightly-s3-upload", name: "upload", alwaysRuns: false };
const start: StepIdentity = { nodeId: "n2", type: "lightly-ec2-start", name: "switch it on", alwaysRuns: false };
const select: StepIdentity = { nodeId: "n3", type: "lightly-lightly-run", name: "select", alwaysRuns: false };
const stop: StepIdentity = { nodeId: "n4", type: "lightly-ec2-stop", name: "stop", alwaysRuns: true };
const failure = new PipelineError("S3_BUCKET_NOT_FOUND", "There is no bucket.", { details: { bucket: "b" } });
const ec2 = { instanceIds: ["i-1"] };
const DAY_MS = 24 * 60 * 60 * 1000;

describe("a restart of Node-RED", () => {
  const folder = useTempFolder();
  let now = 0;
  let told: string[] = [];

  beforeEach(() => {
    now = 1_000_000;
  });

  /** What a new process does: `told` is what its user reads. */
  const restart = (keep?: number): RunRegistry => {
    const runs = new RunRegistry({ now: () => now, ...(keep === undefined ? {} : { keep }) });
    const trouble: string[] = [];
    told = runs.attach(new RunJournal({ folder: folder.path, warn: (text) => trouble.push(text) }));
    deepEqual(trouble, []);
    return runs;
  };

  it("forgets nothing of a run that was over, and says nothing of it", async () => {
    const before = restart();
    const step = before.begin("r", upload);
    step.progress({ state: "uploading", loadedBytes: 5 });
    await step.checkpoint({ bucket: "b", key: "k" });
    now += 1000;
    step.complete({ s3: { key: "k" } });
    before.begin("failed", upload).fail(failure);
    await before.flush();
    const after = restart();
    deepEqual(after.list(), before.list());
    deepEqual(told, []);
    equal(after.get("failed")?.error?.code, "S3_BUCKET_NOT_FOUND");
  });

  it("shows a run whose steps were working as interrupted, and names it, them and the instance that may still run", async () => {
    const before = restart();
    before.begin("r", upload).complete({});
    before.begin("r", start).complete({ ec2 });
    before.begin("r", select);
    await before.flush();
    const run = restart().get("r");
    equal(run?.state, "interrupted");
    deepEqual(
      run?.steps.map(({ state }) => state),
      ["completed", "completed", "interrupted"],
    );
    equal(told.length, 1);
    match(told[0] ?? "", /run r was interrupted in select .*may still be running and cost money: i-1\..*ec2 stop/);
  });

  it("tells that once, however often Node-RED is restarted", async () => {
    const before = restart();
    before.begin("r", start).complete({ ec2 });
    before.begin("r", select);
    await before.flush();
    await restart().flush();
    equal(told.length, 1);
    const third = restart();
    deepEqual(told, []);
    equal(third.get("r")?.state, "interrupted");
  });

  it("tells it again when it was killed before the disk knew", async () => {
    const before = restart();
    before.begin("r", select);
    await before.flush();
    const runs = new RunRegistry({ now: () => now });
    const killed = new RunJournal({ folder: folder.path, warn: () => {}, replace: () => new Promise(() => {}) });
    equal(runs.attach(killed).length, 1);
    restart();
    equal(told.length, 1);
  });

  it("names the instance also when it was killed while that was starting, or before a stop had ended", async () => {
    const before = restart();
    await before.begin("starting", start).checkpoint(ec2);
    before.begin("stopping", start).complete({ ec2: { instanceIds: ["i-2"] } });
    await before.begin("stopping", stop).checkpoint({ instanceIds: ["i-2"] });
    await before.flush();
    restart();
    match(told[0] ?? "", /starting.*: i-1\./);
    match(told[1] ?? "", /stopping.*: i-2\./);
  });

  it("names no instance that this run or another one has stopped since, nor one that was never asked for", async () => {
    const before = restart();
    before.begin("r", start).complete({ ec2 });
    now += 1000;
    before.begin("r", select);
    before.begin("other", stop).complete({ ec2 });
    before.begin("early", start);
    await before.flush();
    restart();
    equal(told.length, 2);
    doesNotMatch(told.join(), /i-1|still be running/);
  });

  it("calls a run interrupted whose flow was stopped in an orderly way, but not one whose node was deleted", async () => {
    const before = restart();
    const stopped = before.begin("stopped", select);
    stopped.abort("closed", "the flow was stopped or deployed again.");
    stopped.drop();
    const deleted = before.begin("deleted", select);
    deleted.abort("removed", "the node was deleted or disabled.");
    deleted.drop();
    equal(before.get("stopped")?.state, "interrupted");
    await before.flush();
    const after = restart();
    equal(after.get("stopped")?.state, "interrupted");
    equal(after.get("deleted")?.steps[0]?.state, "aborted");
    match(told.join("\n"), /^The run stopped was interrupted in select[^\n]*$/);
  });

  it("lets the user trigger a step of an interrupted run again, and finishes that run", async () => {
    const before = restart();
    before.begin("r", upload).complete({});
    before.begin("r", select);
    await before.flush();
    const after = restart();
    const again = after.begin("r", select);
    equal(again.signal.aborted, false);
    equal(after.get("r")?.state, "running");
    now += 1000;
    again.complete({});
    equal(after.get("r")?.state, "completed");
    equal(after.get("r")?.endedAt, now);
    equal(after.get("r")?.steps[1]?.redoneBy, "r/3");
    await after.flush();
    equal(restart().get("r")?.state, "completed");
    deepEqual(told, []);
  });

  it("keeps a run interrupted of which one of two steps of the same node was", async () => {
    const before = restart();
    before.begin("r", select);
    before.begin("r", select).complete({});
    await before.flush();
    equal(restart().get("r")?.state, "interrupted");
  });

  it("gives each step of a run that goes on an id of its own", async () => {
    const before = restart();
    before.begin("r", upload).complete({});
    before.begin("r", select);
    await before.flush();
    const after = restart();
    after.begin("r", select).complete({});
    deepEqual(
      after.get("r")?.steps.map(({ stepId }) => stepId),
      ["r/1", "r/2", "r/3"],
    );
  });

  it("begins a step normally also when the interrupted run had failed, but not in a run that had just failed", async () => {
    const before = restart();
    const stopping = before.begin("r", stop);
    before.begin("r", upload).fail(failure);
    await stopping.checkpoint(ec2);
    before.begin("over", upload).fail(failure);
    await before.flush();
    const after = restart();
    equal(after.get("r")?.state, "interrupted");
    equal(after.get("r")?.error?.code, "S3_BUCKET_NOT_FOUND");
    equal(after.begin("r", upload).signal.aborted, false);
    equal(after.begin("over", select).signal.aborted, true);
  });

  it("tells of a run that was interrupted, triggered again, and interrupted again", async () => {
    const before = restart();
    before.begin("r", select);
    await before.flush();
    const after = restart();
    after.begin("r", select);
    await after.flush();
    restart();
    equal(told.length, 1);
  });

  it("keeps the message of a step that has not completed, through restarts", async () => {
    const before = restart();
    before.begin("r", upload, false, { payload: "done with" }).complete({});
    before.begin("r", select, false, { payload: { clip: 7 }, token: "hidden", req: {} });
    await before.flush();
    await restart().flush();
    const [run] = new RunJournal({ folder: folder.path, warn: () => {} }).load();
    equal(run?.steps[0]?.message, undefined);
    deepEqual(run?.steps[1]?.message, { payload: { clip: 7 }, token: "***" });
    deepEqual(run?.steps[1]?.leftOut, [
      { path: "token", why: "secret" },
      { path: "req", why: "part of an HTTP exchange" },
    ]);
  });

  it("forgets the oldest runs that are over, on the disk too, and no interrupted one for their sake", async () => {
    const before = restart(3);
    before.begin("interrupted", select);
    for (const id of ["a", "b", "c", "d"]) {
      now += 1;
      before.begin(id, upload).complete({});
    }
    await before.flush();
    equal((await readdir(folder.path)).length, 3);
    const after = restart(2);
    await after.flush();
    deepEqual(
      after.list().map(({ runId }) => runId),
      ["interrupted", "d"],
    );
    equal((await readdir(folder.path)).length, 2);
  });

  it("forgets what happened more than thirty days ago, interrupted or over, but nothing that still works", async () => {
    const before = restart();
    before.begin("over", upload).complete({});
    before.begin("interrupted", select);
    await before.flush();
    now += 29 * DAY_MS;
    equal(restart().list().length, 2);
    const working = restart();
    working.begin("interrupted", select);
    now += 2 * DAY_MS;
    working.begin("new", upload).complete({});
    deepEqual(
      working.list().map(({ runId }) => runId),
      ["interrupted", "new"],
    );
    await working.flush();
    equal((await readdir(folder.path)).length, 2);
  });

  it("keeps what had begun before the journal was there", async () => {
    const runs = new RunRegistry({ now: () => now });
    const early = runs.begin("early", upload);
    deepEqual(runs.attach(new RunJournal({ folder: folder.path, warn: () => {} })), []);
    equal(runs.get("early")?.state, "running");
    early.complete({});
    await runs.flush();
    equal(restart().get("early")?.state, "completed");
  });
});

describe("without a journal", () => {
  it("everything works as with one, and checkpoints are answered at once", async () => {
    const runs = new RunRegistry();
    const step = runs.begin("r", upload, false, { payload: 1 });
    await step.checkpoint({ bucket: "b" });
    await step.checkpoint({ key: "k" });
    deepEqual(runs.get("r")?.steps[0]?.checkpoint, { bucket: "b", key: "k" });
    await runs.flush();
  });
});
