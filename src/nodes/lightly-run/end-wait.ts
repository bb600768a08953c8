import { PipelineError } from "../../errors/pipeline-error.ts";
import { fixedDelay } from "../../polling/delay.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import type { WakeUp } from "../../polling/wake-up.ts";
import type { LightlyRunReport } from "../../services/lightly/runs/lightly-run-report.ts";
import type { SelectionWait } from "./selection-wait.ts";

/** Wakes or ends a wait. */
export interface WaitControl {
  readonly wakeUp: WakeUp;
  /** Aborted with the error that ends the wait. */
  readonly abandoned: AbortController;
}

/** When a wait has to end, and why. */
interface HopelessWait {
  /** How long the last state of the run may take to arrive, in milliseconds; 10 s at most. */
  readonly after: number;
  /** Whether no worker can complete a run in this state. */
  readonly isHopeless: (state: string) => boolean;
  readonly error: (state: string) => PipelineError;
}

/** The state of a scheduled run that no worker has taken. */
export const NOT_TAKEN = "OPEN";
/** How long the last state of a run may take to arrive after its worker has ended. */
const MAX_GRACE_MS = 10_000;

/** The error of a run whose worker has ended without completing it. */
export function workerEnded(
  { scheduledRunId, datasetId }: SelectionWait,
  summary: string,
): (state: string) => PipelineError {
  return (state) =>
    new PipelineError(
      "LIGHTLY_WORKER_ENDED",
      `The worker of the Lightly run ${scheduledRunId} has ended, but the run is still ${state}. ${summary}`,
      { details: { scheduledRunId, datasetId, state } },
    );
}

/** Reads the state of the run, and ends the wait if no worker can complete the run. */
export async function endUnlessOver(
  wait: SelectionWait,
  { wakeUp, abandoned }: WaitControl,
  { after, isHopeless, error }: HopelessWait,
): Promise<void> {
  const { readRun } = await import("../../services/lightly/runs/read-run.ts");
  const { clock } = wait.client;
  try {
    await clock.sleep(Math.min(after, MAX_GRACE_MS), abandoned.signal);
    const { endState, state } = await pollUntil<LightlyRunReport>({
      goal: "Lightly to report the state of a run whose worker has ended",
      check: async (signal) => {
        // A permanent failure ends the monitor too, and with it this wait.
        const report = await readRun({ ...wait, signal }).catch(() => undefined);
        return report ? { done: report } : { wait: "unknown" };
      },
      delay: fixedDelay(wait.pollMs),
      timeoutMs: wait.timeoutMs,
      signal: abandoned.signal,
      clock,
    });
    if (endState || !isHopeless(state)) {
      wakeUp.now();
      return;
    }
    abandoned.abort(error(state));
  } catch {
    // The wait is over. The monitor reports.
  }
}
