import { deepEqual, equal } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { RunRegistry } from "../../src/runs/run-registry.ts";
import { failure, openFlow, resumeAll, select, start, stop, upload } from "./fake-flow.ts";
import { LeasingSteps } from "./leasing-steps.ts";
import { useRestarts } from "./restarts.ts";

const ec2 = { instanceIds: ["i-1"] };

describe("the instances of a run", () => {
  const node = useRestarts();
  let leasing = new LeasingSteps();
  beforeEach(() => {
    leasing = new LeasingSteps();
  });
  const users = (runs: RunRegistry): string[] => {
    const probe = runs.begin("probe", stop);
    const needed = probe.instances.neededByOthers("i-1");
    probe.complete({});
    return needed;
  };

  it("go to the next run when all of its steps have ended", async () => {
    const runs = node.restart();
    const first = await leasing.startOf(runs, "a");
    await leasing.startOf(runs, "b");
    const selecting = runs.begin("a", select);
    first.complete({ ec2 });
    await turn();
    deepEqual(leasing.granted, ["a"]);
    selecting.complete({});
    await turn();
    deepEqual(leasing.granted, ["a", "b"]);
    await runs.flush();
  });

  it("stay leased while a message is on its way from one step to the next", async () => {
    const runs = node.restart();
    const first = await leasing.startOf(runs, "a");
    await leasing.startOf(runs, "b");
    first.recordSend(0, {}, [select.nodeId]);
    first.complete({ ec2 });
    await turn();
    deepEqual(leasing.granted, ["a"]);
    runs.begin("a", select, { parentStepId: first.record.stepId }).fail(failure);
    await turn();
    deepEqual(leasing.granted, ["a", "b"]);
    await runs.flush();
  });

  it("are no longer waited for by an aborted run", async () => {
    const runs = node.restart();
    await leasing.startOf(runs, "a");
    const waiting = await leasing.startOf(runs, "b");
    await runs.abort("b", "it is not needed.");
    await turn();
    waiting.drop();
    deepEqual(users(runs), ["a"]);
    await runs.flush();
  });

  it("are still leased after a restart, before another run can request them", async () => {
    const before = node.restart();
    (await leasing.startOf(before, "a")).complete({ ec2 });
    before.begin("a", select);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    await leasing.startOf(after, "b");
    deepEqual(leasing.granted, ["a"]);
    resumeAll(after);
    await turn();
    deepEqual(leasing.granted, ["a"]);
    flow.select.resumed[0]?.complete({});
    await turn();
    deepEqual(leasing.granted, ["a", "b"]);
    await after.flush();
  });

  it("are free after a restart if the run was over, or had only waited", async () => {
    const before = node.restart();
    const over = await leasing.startOf(before, "over");
    over.complete({ ec2 });
    await leasing.startOf(before, "user");
    await leasing.startOf(before, "waiting");
    await before.flush();
    const after = node.restart();
    deepEqual(users(after), ["user"]);
    await after.flush();
  });

  it("are free after a restart if any run had stopped them, even if the one that had started them continues", async () => {
    const before = node.restart();
    const starting = await leasing.startOf(before, "a");
    before.begin("a", upload);
    starting.complete({ ec2 });
    node.time.advance(1);
    before.begin("other", stop).complete({ ec2 });
    await before.flush();
    const after = node.restart();
    deepEqual(users(after), []);
    await after.flush();
  });

  it("are free when a run can't continue because its node was deleted", async () => {
    const before = node.restart();
    (await leasing.startOf(before, "a")).complete({ ec2 });
    before.begin("a", select);
    await before.flush();
    const after = node.restart();
    openFlow(after, { without: [select] });
    resumeAll(after);
    deepEqual(users(after), []);
    await after.flush();
  });

  it("are reserved for a run that started earlier and is on its way to the same node", async () => {
    const runs = node.restart();
    openFlow(runs);
    const uploading = runs.begin("first", upload);
    await leasing.startOf(runs, "second");
    deepEqual(leasing.granted, []);
    uploading.recordSend(0, {}, [start.nodeId]);
    uploading.complete({});
    await turn();
    deepEqual(leasing.granted, [], "its message is on its way");
    node.time.advance(5 * 60_000);
    await turn();
    deepEqual(leasing.granted, ["second"], "the flow has swallowed it");
    await runs.flush();
  });

  it("are reserved for an earlier run whose message passes a step that leads to the node", async () => {
    const runs = node.restart();
    openFlow(runs);
    const done = runs.begin("first", upload);
    done.recordSend("error", {}, [upload.nodeId]);
    done.fail(failure);
    await leasing.startOf(runs, "second");
    deepEqual(leasing.granted, []);
    runs.begin("first", upload, { parentStepId: done.record.stepId }).drop();
    await turn();
    deepEqual(leasing.granted, ["second"]);
    await runs.flush();
  });

  it("are not reserved for the run whose items have runs of their own, which wait for the instance", async () => {
    const runs = node.restart();
    openFlow(runs);
    const source = runs.begin("source", upload);
    await source.sequence.save({ maxFailures: 0, hasOwnRuns: true }, ["a", "b"]);
    source.recordSend(0, {}, [start.nodeId], { item: 0 });
    await leasing.startOf(runs, "a");
    deepEqual(leasing.granted, ["a"]);
    await runs.flush();
  });

  it("are not reserved for an earlier run that does not lead to the node", async () => {
    const runs = node.restart();
    openFlow(runs);
    runs.begin("first", select);
    await leasing.startOf(runs, "second");
    deepEqual(leasing.granted, ["second"]);
    await runs.flush();
  });

  it("count as started by a run, unless it has found them running", async () => {
    const runs = node.restart();
    const starting = await leasing.startOf(runs, "a");
    equal(starting.instances.isStartedByRun("i-1"), true);
    equal(starting.instances.foundRunning("i-1"), false);
    await starting.saveCheckpoint({ foundRunning: ["i-1"] });
    equal(starting.instances.foundRunning("i-1"), true);
    equal(starting.instances.isStartedByRun("i-1"), false);
    await runs.flush();
  });

  it("count as started by a run until some minutes after its end", async () => {
    const runs = node.restart();
    const starting = await leasing.startOf(runs, "a");
    starting.complete({ ec2 });
    const { instances } = runs.begin("b", select);
    equal(instances.isStartedByRun("i-1"), true);
    node.time.advance(5 * 60_000);
    equal(instances.isStartedByRun("i-1"), false);
    await runs.flush();
  });

  it("are released by a stop, and then don't have to keep running", async () => {
    const runs = node.restart();
    await leasing.startOf(runs, "a");
    const stopping = runs.begin("a", stop);
    deepEqual(users(runs), ["a"]);
    stopping.instances.release(["i-1"]);
    deepEqual(users(runs), []);
    await leasing.startOf(runs, "b");
    deepEqual(leasing.granted, ["a"], "but its steps still end");
    await runs.flush();
  });
});
