import type { RunRecord, StepRecord, StepRole } from "../../src/records/run-record.ts";
import type { Evidence } from "./evidence.ts";

const ROLES: Readonly<Record<string, StepRole>> = {
  "lightly-ec2-start": "start",
  "lightly-ec2-stop": "stop",
  "lightly-run": "select",
};

/** The step that has stopped the instance. */
export const STOPPED: Partial<StepRecord> = { type: "lightly-ec2-stop", role: "stop", parentStepId: "step0" };

/** The results of an undisturbed run. */
export const GOOD: Evidence = {
  ending: "over",
  runs: [run("completed", undefined, [STOPPED])],
  instance: { state: "stopped", processes: 0 },
  starts: 1,
  startRequests: [800],
  stops: [{ at: 1500, reason: "Client.UserInitiatedShutdown" }],
  timers: [900],
  scheduled: [{ id: "s1", state: "DONE" }],
  lightlyRuns: [{ scheduledId: "s1", state: "COMPLETED", from: 1100, to: 1300 }],
  configs: 1,
  workerCommands: ["c1"],
  workerCommandTimes: [950],
  workers: [{ from: 1000, to: 1350 }],
  objects: [{ key: "videos/a/b.mp4", bytes: 5, isWhole: true }],
  openUploads: [],
  partFiles: [],
  journalTrouble: [],
  alarms: [],
};

export const NOTHING: Evidence = {
  ...GOOD,
  ending: "unknown",
  runs: [],
  starts: 0,
  stops: [],
  timers: [],
  startRequests: [],
  scheduled: [],
  lightlyRuns: [],
  configs: 0,
  workerCommands: [],
  workerCommandTimes: [],
  workers: [],
  objects: [],
};

/** A run in a state. Its steps are completed uploads with changes. */
export function run(state: RunRecord["state"], code?: string, steps: Partial<StepRecord>[] = []): RunRecord {
  const error = code === undefined ? {} : { error: { code, message: "why", details: {} } };
  return {
    runId: "r1",
    startedAt: 0,
    state,
    ...error,
    steps: steps.map((step, index) => ({
      ...{
        stepId: `step${index}`,
        nodeId: "n",
        type: "lightly-s3-upload",
        role: ROLES[step.type ?? ""] ?? "upload",
        name: "upload",
        startedAt: 0,
      },
      ...{ state: "completed" as const },
      ...step,
    })),
  };
}

export function failedStep(code: string, type = "lightly-s3-upload"): Partial<StepRecord> {
  return { state: "failed", type, error: { code, message: "why", details: {} } };
}
