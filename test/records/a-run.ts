import type { RunRecord, StepRecord, StepRole } from "../../src/records/run-record.ts";

const ROLES: Readonly<Record<string, StepRole>> = {
  "lightly-ec2-start": "start",
  "lightly-ec2-stop": "stop",
  "lightly-ssm-run-script": "command",
  "lightly-run": "select",
  "lightly-studio-select": "select",
};

/** A minute of a run, in milliseconds since its start at 0. */
export const MINUTE = 60_000;

/** A completed step from one minute to another. Without an end, it is running. */
export function step(type: string, from: number, to?: number, more: Partial<StepRecord> = {}): StepRecord {
  return {
    stepId: `r/${type}/${from}`,
    nodeId: type,
    type,
    role: ROLES[type] ?? "upload",
    name: type,
    startedAt: from * MINUTE,
    state: to === undefined ? "running" : "completed",
    ...(to === undefined ? {} : { endedAt: to * MINUTE }),
    ...more,
  };
}

/** A run of these steps. */
export function run(steps: readonly StepRecord[], more: Partial<RunRecord> = {}): RunRecord {
  const isOver = steps.every(({ state }) => state !== "running" && state !== "interrupted");
  return {
    runId: "r",
    startedAt: 0,
    state: isOver ? "completed" : "running",
    ...(isOver ? { endedAt: Math.max(...steps.map(({ endedAt = 0 }) => endedAt)) } : {}),
    steps,
    ...more,
  };
}
