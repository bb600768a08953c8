/** How a Lightly run ends. The worker reports all but `CANCELED`, the end of a scheduled run that no worker had taken. */
export type LightlyEndState = "COMPLETED" | "FAILED" | "CRASHED" | "ABORTED" | "CANCELED";

/** The state of a scheduled run, as one check found it. */
export interface LightlyRunReport {
  /**
   * The worker's state (STARTED ... COMPLETED) once it has started; before, the state of the scheduled run: OPEN, LOCKED (a worker
   * has taken it) or CANCELED. DONE and MISSING: Lightly has closed or forgotten the scheduled run, and has no worker run for it.
   */
  readonly state: string;
  readonly message?: string;
  /** Known once a worker has started. */
  readonly workerRunId?: string;
  /** How the run ended; absent while it goes on. */
  readonly endState?: LightlyEndState;
}

/** Identifies one scheduled run. */
export interface ScheduledRunRef {
  readonly datasetId: string;
  readonly scheduledRunId: string;
}
