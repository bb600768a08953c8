/** How a Lightly run ends. The worker reports all states except `CANCELED`, which is the end of a run that no worker has taken. */
export type LightlyEndState = "COMPLETED" | "FAILED" | "CRASHED" | "ABORTED" | "CANCELED";

/** The state of a scheduled run at one check. */
export interface LightlyRunReport {
  /**
   * The worker's state (STARTED ... COMPLETED) once it has started. Before that, the state of the scheduled run: OPEN, LOCKED (a worker
   * has taken it) or CANCELED. DONE and MISSING: Lightly has closed or no longer lists the scheduled run, and has no worker run for it.
   */
  readonly state: string;
  readonly message?: string;
  /** Known once a worker has started. */
  readonly workerRunId?: string;
  /** How the run ended; absent until then. */
  readonly endState?: LightlyEndState;
}

/** Identifies one scheduled run. */
export interface ScheduledRunRef {
  readonly datasetId: string;
  readonly scheduledRunId: string;
}
