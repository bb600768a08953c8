import { deepEqual, ok, rejects } from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { StepRecord } from "../../src/records/run-record.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";
import { failure, openFlow, resumeAll, select, upload } from "./fake-flow.ts";

describe("a step that waits until earlier runs have passed its node", () => {
  let runs: RunRegistry;
  let passed: string[];
  let queued: string[];

  beforeEach(() => {
    runs = new RunRegistry({ later: () => {} });
    passed = [];
    queued = [];
  });

  const isScheduled = ({ checkpoint }: StepRecord): boolean => checkpoint?.scheduled === true;
  const wait = async (step: Step): Promise<void> => {
    const onQueued = (): unknown => queued.push(step.runId);
    void step.waitForEarlierRuns(isScheduled, onQueued).then(() => passed.push(step.runId));
    await turn();
  };

  it("waits until their steps have ended or count as passed", async () => {
    const first = runs.begin("first", select);
    const second = runs.begin("second", select);
    const third = runs.begin("third", select);
    await wait(third);
    deepEqual(queued, ["third"]);
    await first.saveCheckpoint({ scheduled: true });
    await turn();
    deepEqual(passed, []);
    second.fail(failure);
    await turn();
    deepEqual(passed, ["third"]);
    deepEqual(queued, ["third"], "said once");
  });

  it("does not wait for later runs, other nodes or its own run", async () => {
    runs.begin("other node", upload);
    const first = runs.begin("first", select);
    runs.begin("first", select);
    runs.begin("later", select);
    await wait(first);
    deepEqual(passed, ["first"]);
  });

  it("continues immediately if the earlier runs have passed", async () => {
    const first = runs.begin("first", select);
    await first.saveCheckpoint({ scheduled: true });
    const second = runs.begin("second", select);
    await wait(second);
    deepEqual(passed, ["second"]);
    deepEqual(queued, []);
  });

  it("waits for runs that continue after a deploy of the node", async () => {
    const flow = openFlow(runs);
    for (const runId of ["first", "second"]) {
      const step = runs.begin(runId, select);
      step.abort("closed", "deploy.");
      step.drop();
    }
    resumeAll(runs);
    const [first, second] = flow.select.resumed;
    await wait(second as Step);
    deepEqual(passed, []);
    first?.complete({});
    await turn();
    deepEqual(passed, ["second"]);
  });

  it("stops waiting when it is aborted", async () => {
    runs.begin("first", select);
    const second = runs.begin("second", select);
    const waiting = second.waitForEarlierRuns(isScheduled, () => {});
    second.abort("canceled", "it is not needed.");
    await rejects(waiting, { code: "ABORTED", message: "Stopped: it is not needed." });
    await rejects(
      second.waitForEarlierRuns(isScheduled, () => {}),
      { code: "ABORTED" },
    );
  });

  it("waits with a thousand others without searching all runs for each of them", async () => {
    const steps = Array.from({ length: 1000 }, (_, index) => runs.begin(`run ${index}`, select));
    let checks = 0;
    const isPassed = (step: StepRecord): boolean => {
      checks += 1;
      return isScheduled(step);
    };
    const waits = steps.map((step) => step.waitForEarlierRuns(isPassed, () => undefined));
    await turn();
    checks = 0;
    for (const [index, step] of steps.entries()) {
      await waits[index];
      await step.saveCheckpoint({ scheduled: true });
    }
    // At each change one search of at most a thousand runs.
    ok(checks <= 2 * 1000 * 1000, `${checks} checks`);
  });
});
