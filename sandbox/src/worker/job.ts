import type { LightlyApi } from "./lightly-api.ts";
import type { RunConfig } from "./run-config.ts";
import type { RunProgress } from "./run-progress.ts";

/** A run that this worker processes. */
export interface Job {
  readonly api: LightlyApi;
  readonly datasetId: string;
  readonly runId: string;
  readonly config: RunConfig;
  readonly progress: RunProgress;
  readonly signal: AbortSignal;
}
