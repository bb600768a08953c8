import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { type DelayPolicy, eagerDelay, fixedDelay } from "../../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import type { WakeUp } from "../../../polling/wake-up.ts";
import { type FailureKind, FailureTolerance, failureKindOf, MAX_PAUSE_MS } from "../client/failure-tolerance.ts";
import { LIGHTLY_PUBLIC_SERVER, type LightlyClient, minPauseMs, PUBLIC_POLL_MS } from "../client/lightly-client.ts";
import type { LightlyEndState, LightlyRunReport, ScheduledRunRef } from "./lightly-run-report.ts";
import { readSharedRun } from "./read-runs.ts";

export interface MonitorRunOptions extends ScheduledRunRef {
  readonly client: LightlyClient;
  /** Time limit of the whole wait in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Maximum pause between two checks in milliseconds. After a change of state or a wake-up the pauses are shorter, except on the public server:
   * there they are at least {@link PUBLIC_POLL_MS}.
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
  const { client, scheduledRunId, timeoutMs, wakeUp, clock = client.clock, onState } = options;
  const isPublic = client.server === LIGHTLY_PUBLIC_SERVER;
  const pollMs = isPublic ? Math.max(PUBLIC_POLL_MS, options.pollMs) : options.pollMs;
  const pause: DelayPolicy = isPublic ? fixedDelay(pollMs) : eagerDelay(pollMs);
  const startedAt = clock.now();
  const notifyOfChange = onChange((report) => {
    unchangedChecks = 0;
    onState?.({ ...report, elapsedMs: clock.now() - startedAt });
  });
  let unchangedChecks = 0;
  /** The minimum pause after a failed check. */
  let minMs = 0;
  let hasFailed = false;
  const tolerance = new FailureTolerance(clock);
  /** Records a failure, and returns whether it is no longer tolerated. The pause after a failure does not grow with the wait. */
  const isLasting = (kind: FailureKind, pauseMs: number): boolean => {
    hasFailed = true;
    minMs = Math.max(Math.min(pollMs, MAX_PAUSE_MS), pauseMs);
    return !tolerance.tolerates(kind);
  };

  const check = async (signal: AbortSignal): Promise<PollResult<LightlyRunReport & { endState: LightlyEndState }>> => {
    let seen: LightlyRunReport;
    try {
      seen = await readSharedRun(client, options, signal, { everyMs: pollMs, clock });
    } catch (error) {
      if (!(error instanceof PipelineError) || signal.aborted) {
        throw error;
      }
      const kind = failureKindOf(error);
      if (kind === undefined) {
        minMs = Math.max(pollMs, minPauseMs(error));
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
      hasFailed = false;
      minMs = 0;
    }
    notifyOfChange(seen);
    const { endState } = seen;
    return endState === undefined ? { wait: describeState(seen) } : { done: { ...seen, endState } };
  };

  return await pollUntil({
    goal: `Lightly to finish the scheduled run ${scheduledRunId}`,
    check,
    delay: (attempt) => {
      unchangedChecks += 1;
      const usualMs = pause(Math.min(attempt, unchangedChecks));
      return Math.max(hasFailed ? Math.min(usualMs, MAX_PAUSE_MS) : usualMs, minMs);
    },
    timeoutMs,
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
