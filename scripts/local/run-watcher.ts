import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord, StepRecord } from "../../src/records/run-record.ts";

export interface WatchRunOptions {
  /** Root of Node-RED. */
  readonly url: string;
  readonly runId: string;
  /** The type of the last step of the run. */
  readonly lastStepType: string;
  readonly limitMs: number;
  /** Receives a step whenever its state or progress has changed. */
  readonly onStep: (step: StepRecord) => void;
  readonly signal: AbortSignal;
}

const POLL_MS = 100;

/**
 * Polls a run over the admin API until none of its steps is running and its last step has ended.
 *
 * @throws Error when it exceeds the time limit
 */
export async function watchRun({
  url,
  runId,
  lastStepType,
  limitMs,
  onStep,
  signal,
}: WatchRunOptions): Promise<RunRecord> {
  const reported = new Map<string, string>();
  const deadline = Date.now() + limitMs;
  let run: RunRecord | undefined;
  while (Date.now() < deadline) {
    run = await readRun(url, runId, signal);
    for (const step of run?.steps ?? []) {
      const state = JSON.stringify([step.state, step.progress]);
      if (reported.get(step.stepId) !== state) {
        reported.set(step.stepId, state);
        onStep(step);
      }
    }
    if (run && isOver(run, lastStepType)) {
      return run;
    }
    await pause(POLL_MS, undefined, { signal });
  }
  const steps = run?.steps.map(({ name, state, progress }) => `${name} ${state} ${progress?.state ?? ""}`) ?? [
    "no step has started",
  ];
  throw new Error(`The run ${runId} did not end within ${limitMs / 1000} s: ${steps.join("; ")}.`);
}

/** Undefined until the first step has started. */
async function readRun(url: string, runId: string, signal: AbortSignal): Promise<RunRecord | undefined> {
  const response = await fetch(`${url}/lightly-aws/runs/${encodeURIComponent(runId)}`, { signal });
  const body = (await response.json()) as RunRecord;
  return response.ok ? body : undefined;
}

function isOver({ steps }: RunRecord, lastStepType: string): boolean {
  return (
    steps.every((step) => step.state !== "running") &&
    steps.some(({ type, state }) => type === lastStepType && state !== "aborted")
  );
}
