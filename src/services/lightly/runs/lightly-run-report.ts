/** How a run can end. All but `CANCELED` are reported by the worker; that one belongs to a run that no worker had taken. */
export type RunEnd = "COMPLETED" | "FAILED" | "CRASHED" | "ABORTED" | "CANCELED";

/** What one look at a scheduled run found. */
export interface RunReport {
  /**
   * The worker's state (STARTED ... COMPLETED) once it has begun; before, the state of the scheduled run: OPEN, LOCKED (a worker
   * has taken it) or CANCELED. DONE and MISSING: Lightly has closed or forgotten the scheduled run, and knows no run of it.
   */
  readonly state: string;
  readonly message?: string;
  /** Known once a worker has begun. */
  readonly runId?: string;
  /** Set when nothing more will happen. */
  readonly end?: RunEnd;
}

/** One scheduled run, and what to ask. */
export interface ScheduledRunRef {
  readonly datasetId: string;
  readonly scheduledRunId: string;
}
