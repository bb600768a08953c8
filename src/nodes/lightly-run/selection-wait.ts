import type { LightlyClient } from "../../services/lightly/client/lightly-client.ts";
import type { LightlyRunReport } from "../../services/lightly/runs/lightly-run-report.ts";

/** The wait for a scheduled run; times in milliseconds. */
export interface SelectionWait {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly scheduledRunId: string;
  readonly pollMs: number;
  readonly timeoutMs: number;
  /** How long after the end of the script a worker may need to take the run; 0: as long as the wait lasts. */
  readonly workerWithinMs: number;
  readonly onState: (report: LightlyRunReport & { elapsedMs: number }) => void;
}
