import { equal } from "node:assert/strict";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";
import { usualStartMs } from "../../src/records/start-times.ts";

const step = (more: Partial<StepRecord>): StepRecord => ({
  stepId: "r/1",
  nodeId: "n",
  type: "lightly-ec2-start",
  role: "start",
  name: "start",
  startedAt: 0,
  state: "completed",
  endedAt: 100_000,
  ...more,
});
const run = (more: Partial<StepRecord>): RunRecord => ({
  runId: "r",
  startedAt: 0,
  state: "completed",
  steps: [step(more)],
});
const tookMs = (ms: number): RunRecord => run({ phases: [{ name: "boot", startedAt: 100_000 - ms }] });

describe("the usual duration of a start", () => {
  it("is the median of the latest five starts of the node", () => {
    equal(usualStartMs("n", [1000, 1000, 90_000, 40_000, 30_000, 50_000, 10_000].map(tookMs)), 40_000);
  });

  it("ends when the instance is ready, not when the upload for which it waits has ended", () => {
    const phases = [
      { name: "uploading", startedAt: 0 },
      { name: "boot", startedAt: 20_000 },
      { name: "ready", startedAt: 50_000 },
    ];
    equal(usualStartMs("n", [run({ phases })]), 30_000);
  });

  it("is unknown without a start that went smoothly: other nodes, running instances, retries, restarts and failures don't count", () => {
    const phases = [{ name: "boot", startedAt: 50_000 }];
    const others: Partial<StepRecord>[] = [
      { nodeId: "other", phases },
      {},
      { attempt: 2, phases },
      { resumeCount: 1, phases },
      { state: "failed", phases },
    ];
    equal(usualStartMs("n", others.map(run)), undefined);
  });
});
