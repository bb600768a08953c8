import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { type FakeFlow, openFlow, select, start, stop, takeUp, upload, worker } from "./fake-flow.ts";
import { useRestarts } from "./restarts.ts";

const ec2 = { instanceIds: ["i-1"] };

describe("a run whose node is gone after a restart", () => {
  const node = useRestarts();
  const restartWithoutSelect = (onFlow: (flow: FakeFlow) => void = () => {}) => {
    const runs = node.restart();
    const flow = openFlow(runs, { without: [select] });
    onFlow(flow);
    return { runs, flow, texts: takeUp(runs) };
  };

  it("ends as aborted, and names the node and the instance that may still run", async () => {
    const before = node.restart();
    before.begin("r", start).complete({ ec2 });
    before.begin("r", select);
    await before.flush();
    const { runs, texts } = restartWithoutSelect();
    equal(runs.get("r")?.state, "aborted");
    equal(runs.get("r")?.steps[1]?.state, "aborted");
    equal(runs.get("r")?.error?.code, "ABORTED");
    equal(texts.length, 1);
    match(texts[0] ?? "", /The run r .*can't go on.*select was deleted or disabled.*may still be running.*: i-1\./);
  });

  it("aborts its other steps, those excepted that clean up", async () => {
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

  it("has its instances stopped by what guards them, and says so", async () => {
    const before = node.restart();
    before.begin("r", start).complete({ ec2 });
    before.begin("r", select);
    await before.flush();
    let stopped = 0;
    const { texts } = restartWithoutSelect((flow) => {
      flow.start.onKeep = (step) =>
        step.instances.guard(async () => {
          stopped += 1;
        });
    });
    equal(stopped, 1);
    match(texts[0] ?? "", /being stopped: i-1\./);
    doesNotMatch(texts[0] ?? "", /may still be running/);
  });

  it("is told of once", async () => {
    const before = node.restart();
    before.begin("r", select);
    await before.flush();
    const { runs } = restartWithoutSelect();
    await runs.flush();
    deepEqual(takeUp(runs), []);
    deepEqual(restartWithoutSelect().texts, []);
  });

  it("names an instance also when Node-RED ended while that was starting, or before a stop had ended", async () => {
    const before = node.restart();
    await before.begin("starting", start).checkpoint(ec2);
    before.begin("starting", select);
    before.begin("stopping", start).complete({ ec2: { instanceIds: ["i-2"] } });
    await before.begin("stopping", stop).checkpoint({ instanceIds: ["i-2"] });
    before.begin("stopping", select);
    await before.flush();
    const texts = restartWithoutSelect().texts.sort();
    match(texts[0] ?? "", /starting.*: i-1\./);
    match(texts[1] ?? "", /stopping.*: i-2\./);
  });

  it("names no instance that this run or another one has stopped since, nor one that was never asked for", async () => {
    const before = node.restart();
    before.begin("r", start).complete({ ec2 });
    node.time.pass(1000);
    before.begin("r", select);
    before.begin("other", stop).complete({ ec2 });
    before.begin("early", upload).complete({});
    before.begin("early", select);
    await before.flush();
    const { texts } = restartWithoutSelect();
    equal(texts.length, 2);
    doesNotMatch(texts.join(), /i-1|still be running/);
  });

  it("leaves the other runs alone", async () => {
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
