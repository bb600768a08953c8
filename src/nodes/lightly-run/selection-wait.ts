import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { LightlyRunReport } from "../../services/lightly/runs/lightly-run-report.ts";

/** The wait for a scheduled run; times in milliseconds. */
export interface SelectionWait {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly scheduledRunId: string;
  readonly pollMs: number;
  /** The limit of the whole step. */
  readonly timeoutMs: number;
  /** How long the step has been running already, including the time before a restart. */
  readonly waitedMs: number;
  /** The time limit for a worker to take the run after the end of the script; 0: the limit of the wait. */
  readonly workerWithinMs: number;
  readonly onState: (report: LightlyRunReport & { elapsedMs: number }) => void;
}
