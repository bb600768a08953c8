import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { type DelayPolicy, eagerDelay, fixedDelay } from "../../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import type { WakeUp } from "../../../polling/wake-up.ts";
import { MAX_PAUSE_MS, Patience, type Trouble, troubleOf } from "../client/failure-tolerance.ts";
import {
  LIGHTLY_PUBLIC_SERVER,
  type LightlyClient,
  PUBLIC_POLL_MS,
  shortestPauseMs,
} from "../client/lightly-client.ts";
import type { RunEnd, RunReport, ScheduledRunRef } from "./lightly-run-report.ts";
import { readRun } from "./read-run.ts";

/** What {@link monitorRun} takes. */
export interface MonitorRequest extends ScheduledRunRef {
  readonly client: LightlyClient;
  /** Limit of the whole wait in milliseconds. */
  readonly timeoutMs: number;
  /**
   * Longest time between two looks in milliseconds. After a change the first ones are closer together, except on the public server,
   * which is not asked more often than each {@link PUBLIC_POLL_MS}.
   */
  readonly pollMs: number;
  /** The pauses between looks, at least `pollMs` on the public server. Default: up to `pollMs`, those after a change shorter. */
  readonly delay?: DelayPolicy;
  readonly wakeUp?: WakeUp;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called for each change of state or message, the last one included. */
  readonly onState?: (report: RunReport & { elapsedMs: number }) => void;
}

/**
 * Waits until a scheduled run has ended, in whatever way. Failures that pass (network, 429, 5xx) are sat out until the limit; answers
 * that make no sense for ten minutes, and a token or dataset that Lightly refuses for two (see {@link Patience}).
 *
 * @returns the last report. A scheduled run that Lightly has closed without a run for two minutes ends as `ABORTED`.
 * @throws PipelineError `TIMED_OUT`, `ABORTED`, and after that time `LIGHTLY_UNAUTHORIZED`, `LIGHTLY_ACCESS_DENIED`,
 *   `LIGHTLY_DATASET_NOT_FOUND`, `LIGHTLY_REQUEST_REFUSED` (also: Lightly has forgotten the scheduled run), `LIGHTLY_RESPONSE_INVALID`
 */
export async function monitorRun(request: MonitorRequest): Promise<RunReport & { end: RunEnd }> {
  const { client, scheduledRunId, timeoutMs, wakeUp, clock = client.clock, onState } = request;
  const isPublic = client.server === LIGHTLY_PUBLIC_SERVER;
  const pollMs = isPublic ? Math.max(PUBLIC_POLL_MS, request.pollMs) : request.pollMs;
  const usual = isPublic ? fixedDelay(pollMs) : eagerDelay(pollMs);
  const pause: DelayPolicy = (attempt) => Math.max(request.delay?.(attempt) ?? usual(attempt), isPublic ? pollMs : 0);
  const startedAt = clock.now();
  const tell = onChange((report) => {
    looksAlike = 0;
    onState?.({ ...report, elapsedMs: clock.now() - startedAt });
  });
  let looksAlike = 0;
  /** What is odd or fails needs time to pass. */
  let shortestMs = 0;
  let isTroubled = false;
  const patience = new Patience(clock);
  /** Whether a trouble is to be believed; else the next look comes after a pause that does not depend on how long all has been well. */
  const isLasting = (trouble: Trouble, pauseMs: number): boolean => {
    isTroubled = true;
    shortestMs = Math.max(Math.min(pollMs, MAX_PAUSE_MS), pauseMs);
    return !patience.bears(trouble);
  };

  const check = async (signal: AbortSignal): Promise<PollResult<RunReport & { end: RunEnd }>> => {
    let seen: RunReport;
    try {
      seen = await readRun({ ...request, attempts: 1, signal });
    } catch (error) {
      if (!(error instanceof PipelineError) || signal.aborted) {
        throw error;
      }
      const trouble = troubleOf(error);
      if (trouble === undefined) {
        shortestMs = Math.max(pollMs, shortestPauseMs(error));
        throw error;
      }
      if (isLasting(trouble, shortestPauseMs(error))) {
        throw patience.exhausted(trouble, error);
      }
      return { wait: `unknown (${error.message})` };
    }
    if (seen.state === "DONE" || seen.state === "MISSING") {
      seen = isLasting("absent", 0) ? concluded(seen, request, patience) : seen;
    } else {
      patience.restore();
      isTroubled = false;
      shortestMs = 0;
    }
    tell(seen);
    const { end } = seen;
    return end === undefined ? { wait: describeState(seen) } : { done: { ...seen, end } };
  };

  return await pollUntil({
    goal: `Lightly to finish the scheduled run ${scheduledRunId}`,
    check,
    delay: () => {
      const usualMs = pause(++looksAlike);
      return Math.max(isTroubled ? Math.min(usualMs, MAX_PAUSE_MS) : usualMs, shortestMs);
    },
    timeoutMs,
    signal: request.signal,
    clock,
    ...(wakeUp === undefined ? {} : { wakeUp }),
  });
}

function onChange(tell: (report: RunReport) => void): (report: RunReport) => void {
  let last: string | undefined;
  return (report) => {
    const now = JSON.stringify([report.state, report.message]);
    if (now !== last) {
      last = now;
      tell(report);
    }
  };
}

/** What a scheduled run has come to that stays without a run. */
function concluded(report: RunReport, { datasetId, scheduledRunId }: ScheduledRunRef, patience: Patience): RunReport {
  if (report.state === "DONE") {
    return { ...report, end: "ABORTED" };
  }
  const error = new PipelineError(
    "LIGHTLY_REQUEST_REFUSED",
    `Lightly does not know the scheduled run ${scheduledRunId} of dataset ${datasetId} any more, in no state. It was deleted, or belongs to another account: schedule a new one.`,
    { details: { datasetId, scheduledRunId } },
  );
  throw patience.exhausted("absent", error);
}

function describeState({ state, message }: RunReport): string {
  return message === undefined || message === "" ? state : `${state} (${message})`;
}
