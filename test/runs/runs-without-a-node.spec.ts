import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { RunRegistry } from "../../src/runs/run-registry.ts";
import { FakeControl } from "./fake-control.ts";
import { type FakeFlow, openFlow, resumeAll, select, start, stop, upload, worker } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const ec2 = { instanceIds: ["i-1"] };

/** A run that has started i-1 and waits for a selection. */
async function startOf(runs: RunRegistry, more: object = {}): Promise<void> {
  const starting = runs.begin("r", start);
  await starting.saveCheckpoint({ ...ec2, leased: true, foundRunning: [], ...more });
  starting.complete({ ec2 });
  runs.begin("r", select);
  await runs.flush();
}

describe("a run whose node was deleted before a restart", () => {
  const node = useRestarts();
  const restartWithoutSelect = (onFlow: (flow: FakeFlow) => void = () => {}) => {
    const runs = node.restart();
    const flow = openFlow(runs, { without: [select] });
    onFlow(flow);
    return { runs, flow, texts: resumeAll(runs) };
  };

  it("ends as aborted, and names the node and the instance that may still be running", async () => {
    const before = node.restart();
    before.begin("r", start).complete({ ec2 });
    before.begin("r", select);
    await before.flush();
    const { runs, texts } = restartWithoutSelect();
    equal(runs.get("r")?.state, "aborted");
    equal(runs.get("r")?.steps[1]?.state, "aborted");
    equal(runs.get("r")?.error?.code, "ABORTED");
    equal(texts.length, 1);
    match(
      texts[0] ?? "",
      /The run r .*can't be resumed.*select was deleted or disabled.*may still be running.*: i-1\./,
    );
  });

  it("aborts its other steps, except those that clean up", async () => {
    const before = node.restart();
    before.begin("r", worker);
    before.begin("r", select);
    before.begin("r", stop);
    await before.flush();
    const { runs, flow } = restartWithoutSelect();
    equal(flow.worker.resumed[0]?.signal.aborted, true);
    equal(flow.stop.resumed[0]?.signal.aborted, false);
    flow.worker.resumed[0]?.drop();
    flow.stop.resumed[0]?.complete({});
    equal(runs.get("r")?.state, "aborted");
  });

  it("makes the guards stop its instances, and reports it", async () => {
    const before = node.restart();
    await startOf(before);
    const control = new FakeControl();
    const { runs, texts } = restartWithoutSelect((flow) => {
      flow.start.onKeep = (step) => step.instances.useControl(["i-1"], control);
    });
    await turn();
    equal(control.tries.length, 1);
    equal(control.state, "stopped");
    equal(typeof Object(runs.get("r")?.steps[0]?.checkpoint?.stoppedAt)["i-1"], "number");
    match(texts[0] ?? "", /being stopped: i-1\./);
    doesNotMatch(texts[0] ?? "", /may still be running/);
  });

  it("makes the guards stop its instances with its account if the start node was deleted too", async () => {
    const before = node.restart();
    await startOf(before, { account: "a1" });
    const control = new FakeControl();
    const runs = node.restart();
    runs.instances.findControl = (accountId) => (accountId === "a1" ? control : undefined);
    openFlow(runs, { without: [start, select] });
    const texts = resumeAll(runs);
    await turn();
    equal(control.state, "stopped");
    match(texts[0] ?? "", /being stopped: i-1\./);
  });

  it("makes the guards stop its instances when a later restart restores the account", async () => {
    const before = node.restart();
    await startOf(before, { account: "a1" });
    const between = node.restart();
    openFlow(between, { without: [start, select] });
    match(resumeAll(between)[0] ?? "", /may still be running.*: i-1\./);
    await between.flush();
    const control = new FakeControl();
    const after = node.restart();
    after.instances.findControl = () => control;
    openFlow(after);
    resumeAll(after);
    await turn();
    equal(control.state, "stopped");
  });

  it("does not stop instances that were started since, or after a day", async () => {
    for (const [launchedAt, downMs] of [
      [new Date(1_000_000 + 2 * 3_600_000).toISOString(), 3 * 3_600_000],
      [undefined, 25 * 3_600_000],
    ] as const) {
      const before = node.restart();
      await startOf(before, { account: "a1" });
      const between = node.restart();
      openFlow(between, { without: [start, select] });
      resumeAll(between);
      await between.flush();
      node.time.advance(downMs);
      const control = new FakeControl();
      control.launchedAt = launchedAt;
      const after = node.restart();
      after.instances.findControl = () => control;
      openFlow(after);
      resumeAll(after);
      await turn();
      equal(control.state, "running");
    }
  });

  it("is reported once", async () => {
    const before = node.restart();
    before.begin("r", select);
    await before.flush();
    const { runs } = restartWithoutSelect();
    await runs.flush();
    deepEqual(resumeAll(runs), []);
    deepEqual(restartWithoutSelect().texts, []);
  });

  it("names an instance even if Node-RED ended while it was starting, or before a stop had ended", async () => {
    const before = node.restart();
    await before.begin("starting", start).saveCheckpoint(ec2);
    before.begin("starting", select);
    before.begin("stopping", start).complete({ ec2: { instanceIds: ["i-2"] } });
    await before.begin("stopping", stop).saveCheckpoint({ instanceIds: ["i-2"] });
    before.begin("stopping", select);
    await before.flush();
    const texts = restartWithoutSelect().texts.sort();
    match(texts[0] ?? "", /starting.*: i-1\./);
    match(texts[1] ?? "", /stopping.*: i-2\./);
  });

  it("names no instance that this run or another one has stopped since, and none that was never requested", async () => {
    const before = node.restart();
    before.begin("r", start).complete({ ec2 });
    node.time.advance(1000);
    before.begin("r", select);
    before.begin("other", stop).complete({ ec2 });
    before.begin("early", upload).complete({});
    before.begin("early", select);
    await before.flush();
    const { texts } = restartWithoutSelect();
    equal(texts.length, 2);
    doesNotMatch(texts.join(), /i-1|still be running/);
  });

  it("does not affect other runs", async () => {
    const before = node.restart();
    before.begin("r", select);
    before.begin("other", worker);
    await before.flush();
    const { runs, flow, texts } = restartWithoutSelect();
    equal(texts.length, 1);
    equal(runs.get("other")?.state, "running");
    equal(flow.worker.resumed[0]?.signal.aborted, false);
  });
});
