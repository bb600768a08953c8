import { deepEqual } from "node:assert/strict";
import { instancesToStop } from "../../src/records/instances-to-stop.ts";
import type { RunRecord, StepRecord, StepRole } from "../../src/records/run-record.ts";

const ID = "i-1";
const ROLES: Readonly<Record<string, StepRole>> = {
  "lightly-ec2-start": "start",
  "lightly-ec2-stop": "stop",
  "lightly-run": "select",
};

function step(type: string, state: StepRecord["state"], checkpoint: object = {}, more: object = {}): StepRecord {
  const common = { stepId: `r/${type}`, nodeId: type, type, role: ROLES[type] ?? "upload", name: type, startedAt: 1 };
  return { ...common, state, checkpoint: { instanceIds: [ID], ...checkpoint }, ...more };
}
const start = (state: StepRecord["state"], checkpoint: object = {}): StepRecord =>
  step("lightly-ec2-start", state, { leased: true, foundRunning: [], ...checkpoint });
const run = (...steps: StepRecord[]): RunRecord => ({ runId: "r", startedAt: 0, state: "completed", steps });
const OVER = { isActive: false, isAbandoned: false };
const UNDER_WAY = { isActive: true, isAbandoned: false };
const DETACHED = { isActive: true, isAbandoned: true };

describe("the instances that a run has left running and will not stop itself", () => {
  for (const [what, steps, where, expected] of [
    ["a run that goes on", [start("completed")], UNDER_WAY, []],
    ["a run that has ended behind its start: the timer stops it", [start("completed")], OVER, []],
    [
      "the same of a flow whose stop step was deleted meanwhile",
      [start("completed", { stopPlanned: true })],
      OVER,
      [ID],
    ],
    ["the same while the run goes on", [start("completed", { stopPlanned: true })], UNDER_WAY, []],
    [
      "the same where the stop step has stopped another instance only",
      [start("completed", { stopPlanned: true }), step("lightly-ec2-stop", "completed", { instanceIds: ["i-2"] })],
      OVER,
      [ID],
    ],
    [
      "the same where a stop step has left it on for another run",
      [
        start("completed", { stopPlanned: true }),
        step("lightly-ec2-stop", "completed", { instanceIds: [], keptRunning: [ID] }),
      ],
      OVER,
      [],
    ],
    ["a start that works", [start("running")], UNDER_WAY, []],
    ["a start that has failed, while the flow may still come to a stop", [start("failed")], UNDER_WAY, []],
    ["a start that has failed in a run that is over", [start("failed")], OVER, [ID]],
    ["a start that was aborted in a run that is over", [start("aborted")], OVER, [ID]],
    ["a start that was skipped half-way", [start("skipped")], UNDER_WAY, [ID]],
    ["the same, while a stop step stops it", [start("skipped"), step("lightly-ec2-stop", "running")], UNDER_WAY, []],
    ["a start that has leased nothing", [start("aborted", { leased: undefined })], OVER, []],
    ["a start that has found it running", [start("aborted", { foundRunning: [ID] })], OVER, []],
    ["what EC2 has said is off", [start("aborted", { stoppedAt: { [ID]: 5 } })], OVER, []],
    ["a stop that has failed", [start("completed"), step("lightly-ec2-stop", "failed")], UNDER_WAY, [ID]],
    ["a stop that was aborted", [start("completed"), step("lightly-ec2-stop", "aborted")], OVER, [ID]],
    [
      "a failed stop of what was running before: the flow wanted it off",
      [start("completed", { foundRunning: [ID] }), step("lightly-ec2-stop", "failed")],
      OVER,
      [ID],
    ],
    [
      "a failed stop of another instance, while the run goes on",
      [start("completed"), step("lightly-ec2-stop", "failed", { instanceIds: ["i-2"] })],
      UNDER_WAY,
      [],
    ],
    [
      "the same, once the run is over: it wanted its instance off",
      [start("completed"), step("lightly-ec2-stop", "failed", { instanceIds: ["i-2"] })],
      OVER,
      [ID],
    ],
    [
      "a stop that has failed before it knew its instances",
      [start("completed"), step("lightly-ec2-stop", "failed", { instanceIds: undefined })],
      UNDER_WAY,
      [ID],
    ],
    ["a run that has lost a node", [start("completed")], DETACHED, [ID]],
    ["a run that has lost a node while it started", [start("running")], DETACHED, [ID]],
    ["the same, where the start is told to leave it on", [start("completed", { onRemoved: "keep" })], DETACHED, []],
  ] as const) {
    it(`are ${expected.length === 0 ? "none" : "its own"} of ${what}`, () => {
      deepEqual(instancesToStop(run(...steps), where), expected);
    });
  }

  it("do not include those of a start that a retry has replaced", () => {
    const replaced = { ...start("failed"), replacedBy: "r/2" };
    deepEqual(instancesToStop(run(replaced, { ...start("running"), stepId: "r/2" }), OVER), []);
  });
});
