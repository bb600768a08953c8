import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord, StepRecord } from "../../src/runs/records/run-record.ts";

export interface WatchRunOptions {
  /** Root of Node-RED. */
  readonly url: string;
  readonly runId: string;
  /** The step whose end ends the run. */
  readonly lastStepType: string;
  readonly limitMs: number;
  /** Sees a step whenever what it says of itself has changed. */
  readonly onStep: (step: StepRecord) => void;
  readonly signal: AbortSignal;
}

const LOOK_EACH_MS = 100;

/**
 * Follows a run over Node-RED's admin API until no step of it works and its last step has ended.
 *
 * @throws Error when that takes longer than the limit
 */
export async function watchRun({
  url,
  runId,
  lastStepType,
  limitMs,
  onStep,
  signal,
}: WatchRunOptions): Promise<RunRecord> {
  const said = new Map<string, string>();
  const deadline = Date.now() + limitMs;
  let run: RunRecord | undefined;
  while (Date.now() < deadline) {
    run = await readRun(url, runId, signal);
    for (const step of run?.steps ?? []) {
      const says = JSON.stringify([step.state, step.progress]);
      if (said.get(step.stepId) !== says) {
        said.set(step.stepId, says);
        onStep(step);
      }
    }
    if (run && isOver(run, lastStepType)) {
      return run;
    }
    await pause(LOOK_EACH_MS, undefined, { signal });
  }
  const steps = run?.steps.map(({ name, state, progress }) => `${name} ${state} ${progress?.state ?? ""}`) ?? [
    "nothing has begun",
  ];
  throw new Error(`The run ${runId} did not end within ${limitMs / 1000} s: ${steps.join("; ")}.`);
}

/** Undefined until the first step has begun. */
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
