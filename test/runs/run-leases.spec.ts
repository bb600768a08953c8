import { deepEqual, equal } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { RunRegistry } from "../../src/runs/run-registry.ts";
import { Claims } from "./claims.ts";
import { failure, openFlow, resumeAll, select, start, stop, upload } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const ec2 = { instanceIds: ["i-1"] };

describe("the instances of a run", () => {
  const node = useRestarts();
  let claims = new Claims();
  beforeEach(() => {
    claims = new Claims();
  });
  const users = (runs: RunRegistry): string[] => {
    const probe = runs.begin("probe", stop);
    const needed = probe.instances.neededByOthers("i-1");
    probe.complete({});
    return needed;
  };

  it("go to the next run when all of its steps have ended", async () => {
    const runs = node.restart();
    const first = await claims.startOf(runs, "a");
    await claims.startOf(runs, "b");
    const selecting = runs.begin("a", select);
    first.complete({ ec2 });
    await turn();
    deepEqual(claims.granted, ["a"]);
    selecting.complete({});
    await turn();
    deepEqual(claims.granted, ["a", "b"]);
    await runs.flush();
  });

  it("stay leased while a message is on its way from one step to the next", async () => {
    const runs = node.restart();
    const first = await claims.startOf(runs, "a");
    await claims.startOf(runs, "b");
    first.recordSend(0, {}, [select.nodeId]);
    first.complete({ ec2 });
    await turn();
    deepEqual(claims.granted, ["a"]);
    runs.begin("a", select, { parentStepId: first.record.stepId }).fail(failure);
    await turn();
    deepEqual(claims.granted, ["a", "b"]);
    await runs.flush();
  });

  it("are no longer waited for by an aborted run", async () => {
    const runs = node.restart();
    await claims.startOf(runs, "a");
    const waiting = await claims.startOf(runs, "b");
    await runs.abort("b", "it is not needed.");
    await turn();
    waiting.drop();
    deepEqual(users(runs), ["a"]);
    await runs.flush();
  });

  it("are still leased after a restart, before another run can request them", async () => {
    const before = node.restart();
    (await claims.startOf(before, "a")).complete({ ec2 });
    before.begin("a", select);
    await before.flush();
    const after = node.restart();
    const flow = openFlow(after);
    await claims.startOf(after, "b");
    deepEqual(claims.granted, ["a"]);
    resumeAll(after);
    await turn();
    deepEqual(claims.granted, ["a"]);
    flow.select.resumed[0]?.complete({});
    await turn();
    deepEqual(claims.granted, ["a", "b"]);
    await after.flush();
  });

  it("are free after a restart if the run was over, or had only waited", async () => {
    const before = node.restart();
    const over = await claims.startOf(before, "over");
    over.complete({ ec2 });
    await claims.startOf(before, "user");
    await claims.startOf(before, "waiting");
    await before.flush();
    const after = node.restart();
    deepEqual(users(after), ["user"]);
    await after.flush();
  });

  it("are free after a restart if any run had stopped them, even if the one that had started them continues", async () => {
    const before = node.restart();
    const starting = await claims.startOf(before, "a");
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
    (await claims.startOf(before, "a")).complete({ ec2 });
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
    await claims.startOf(runs, "second");
    deepEqual(claims.granted, []);
    uploading.recordSend(0, {}, [start.nodeId]);
    uploading.complete({});
    await turn();
    deepEqual(claims.granted, [], "its message is on its way");
    node.time.advance(5 * 60_000);
    await turn();
    deepEqual(claims.granted, ["second"], "the flow has swallowed it");
    await runs.flush();
  });

  it("are reserved for an earlier run whose message passes a step that leads to the node", async () => {
    const runs = node.restart();
    openFlow(runs);
    const done = runs.begin("first", upload);
    done.recordSend("error", {}, [upload.nodeId]);
    done.fail(failure);
    await claims.startOf(runs, "second");
    deepEqual(claims.granted, []);
    runs.begin("first", upload, { parentStepId: done.record.stepId }).drop();
    await turn();
    deepEqual(claims.granted, ["second"]);
    await runs.flush();
  });

  it("are not reserved for the run whose items have runs of their own, which wait for the instance", async () => {
    const runs = node.restart();
    openFlow(runs);
    const source = runs.begin("source", upload);
    await source.sequence.save({ maxFailures: 0, hasOwnRuns: true }, ["a", "b"]);
    source.recordSend(0, {}, [start.nodeId], { item: 0 });
    await claims.startOf(runs, "a");
    deepEqual(claims.granted, ["a"]);
    await runs.flush();
  });

  it("are not reserved for an earlier run that does not lead to the node", async () => {
    const runs = node.restart();
    openFlow(runs);
    runs.begin("first", select);
    await claims.startOf(runs, "second");
    deepEqual(claims.granted, ["second"]);
    await runs.flush();
  });

  it("count as started by a run, unless it has found them running", async () => {
    const runs = node.restart();
    const starting = await claims.startOf(runs, "a");
    equal(starting.instances.isStartedByRun("i-1"), true);
    equal(starting.instances.foundRunning("i-1"), false);
    await starting.saveCheckpoint({ foundRunning: ["i-1"] });
    equal(starting.instances.foundRunning("i-1"), true);
    equal(starting.instances.isStartedByRun("i-1"), false);
    await runs.flush();
  });

  it("count as started by a run until some minutes after its end", async () => {
    const runs = node.restart();
    const starting = await claims.startOf(runs, "a");
    starting.complete({ ec2 });
    const { instances } = runs.begin("b", select);
    equal(instances.isStartedByRun("i-1"), true);
    node.time.advance(5 * 60_000);
    equal(instances.isStartedByRun("i-1"), false);
    await runs.flush();
  });

  it("are released by a stop, and then don't have to keep running", async () => {
    const runs = node.restart();
    await claims.startOf(runs, "a");
    const stopping = runs.begin("a", stop);
    deepEqual(users(runs), ["a"]);
    stopping.instances.release(["i-1"]);
    deepEqual(users(runs), []);
    await claims.startOf(runs, "b");
    deepEqual(claims.granted, ["a"], "but its steps still end");
    await runs.flush();
  });
});
