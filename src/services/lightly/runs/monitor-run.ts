import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import type { WakeUp } from "../../../polling/wake-up.ts";
import { type FailureKind, FailureTolerance, failureKindOf } from "../client/failure-tolerance.ts";
import { type LightlyClient, minPauseMs } from "../client/lightly-client.ts";
import type { LightlyEndState, LightlyRunReport, ScheduledRunRef } from "./lightly-run-report.ts";
import { MonitorPauses } from "./monitor-pauses.ts";
import { OPEN_RUN } from "./read-run.ts";
import { readSharedRun } from "./read-runs.ts";

export interface MonitorRunOptions extends ScheduledRunRef {
  readonly client: LightlyClient;
  /** Time limit of the whole wait in milliseconds. */
  readonly timeoutMs: number;
  /** How long the wait has lasted already, also in a previous process, in milliseconds. Default: 0. */
  readonly waitedMs?: number;
  /**
   * Maximum pause between two checks in milliseconds. After a wake-up, and after each change of a run that a worker has taken, the pauses are
   * shorter, except on the public server: see {@link MonitorPauses.pollMs}.
   */
  readonly pollMs: number;
  readonly wakeUp?: WakeUp;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called for each change of state or message, the last one included. */
  readonly onState?: (report: LightlyRunReport & { elapsedMs: number }) => void;
}

/**
 * Waits until a scheduled run has ended, in any state. Transient failures (network, 429, 5xx) are retried until the time limit,
 * unexpected responses for ten minutes, and a refused token or dataset for two (see {@link FailureTolerance}).
 *
 * @returns the last report. A scheduled run that Lightly has closed without a worker run ends as `ABORTED` after two minutes.
 * @throws PipelineError `TIMED_OUT`, `ABORTED`, and after these times `LIGHTLY_UNAUTHORIZED`, `LIGHTLY_ACCESS_DENIED`,
 *   `LIGHTLY_DATASET_NOT_FOUND`, `LIGHTLY_REQUEST_REFUSED` (also: Lightly no longer lists the scheduled run), `LIGHTLY_RESPONSE_INVALID`
 */
export async function monitorRun(
  options: MonitorRunOptions,
): Promise<LightlyRunReport & { endState: LightlyEndState }> {
  const { client, scheduledRunId, timeoutMs, waitedMs = 0, wakeUp, clock = client.clock, onState } = options;
  const pauses = new MonitorPauses(client, options.pollMs);
  const startedAt = clock.now() - waitedMs;
  const notifyOfChange = onChange((report) => {
    pauses.changed(report.state !== OPEN_RUN.state);
    onState?.({ ...report, elapsedMs: clock.now() - startedAt });
  });
  const tolerance = new FailureTolerance(clock);
  /** Records a failure, and returns whether it is no longer tolerated. */
  const isLasting = (kind: FailureKind, pauseMs: number): boolean => {
    pauses.failed(pauseMs);
    return !tolerance.tolerates(kind);
  };

  const check = async (signal: AbortSignal): Promise<PollResult<LightlyRunReport & { endState: LightlyEndState }>> => {
    let seen: LightlyRunReport;
    try {
      seen = await readSharedRun(client, options, signal, { everyMs: pauses.pollMs, clock });
    } catch (error) {
      if (!(error instanceof PipelineError) || signal.aborted) {
        throw error;
      }
      const kind = failureKindOf(error);
      if (kind === undefined) {
        pauses.delayed(minPauseMs(error));
        throw error;
      }
      if (isLasting(kind, minPauseMs(error))) {
        throw tolerance.exhausted(kind, error);
      }
      return { wait: `unknown (${error.message})` };
    }
    if (seen.state === "DONE" || seen.state === "MISSING") {
      seen = isLasting("missing", 0) ? conclude(seen, options, tolerance) : seen;
    } else {
      tolerance.reset();
      pauses.succeeded();
    }
    notifyOfChange(seen);
    const { endState } = seen;
    return endState === undefined ? { wait: describeState(seen) } : { done: { ...seen, endState } };
  };

  return await pollUntil({
    goal: `Lightly to finish the scheduled run ${scheduledRunId}`,
    check,
    delay: (attempt) => pauses.next(attempt),
    timeoutMs,
    waitedMs,
    signal: options.signal,
    clock,
    wakeUp,
  });
}

function onChange(notify: (report: LightlyRunReport) => void): (report: LightlyRunReport) => void {
  let last: string | undefined;
  return (report) => {
    const now = JSON.stringify([report.state, report.message]);
    if (now !== last) {
      last = now;
      notify(report);
    }
  };
}

/** Ends the wait for a scheduled run without a worker run: a closed run is aborted, an unknown run is an error. */
function conclude(
  report: LightlyRunReport,
  { datasetId, scheduledRunId }: ScheduledRunRef,
  tolerance: FailureTolerance,
): LightlyRunReport {
  if (report.state === "DONE") {
    return { ...report, endState: "ABORTED" };
  }
  const error = new PipelineError(
    "LIGHTLY_REQUEST_REFUSED",
    `Lightly no longer lists the scheduled run ${scheduledRunId} of dataset ${datasetId}. It was deleted, or belongs to another account. Schedule a new one.`,
    { details: { datasetId, scheduledRunId } },
  );
  throw tolerance.exhausted("missing", error);
}

function describeState({ state, message }: LightlyRunReport): string {
  return message === undefined || message === "" ? state : `${state} (${message})`;
}
