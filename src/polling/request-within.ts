import { abortedError } from "../errors/pipeline-error.ts";
import type { Clock } from "./clock.ts";
import { timedOutError } from "./timed-out.ts";
import { LimitReached, SINGLE_REQUEST_LIMIT_MS, withinLimit } from "./within-limit.ts";

export interface RequestWithinOptions<T> {
  /** The goal of the wait; completes "Waited 15 min for ...". */
  readonly goal: string;
  readonly request: (signal: AbortSignal) => Promise<T>;
  /** Time limit in milliseconds, at least a second; 0 allows 10 s for the response. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const MIN_LIMIT_MS = 1000;

/**
 * Sends one request to a service, and waits for the response up to the step's time limit.
 *
 * @returns the response
 * @throws PipelineError `TIMED_OUT` at the limit and `ABORTED` at the abort, even if `request` ignores its signal; or the error of `request`
 */
export async function requestWithin<T>(options: RequestWithinOptions<T>): Promise<T> {
  const { goal, request, timeoutMs, signal, clock } = options;
  const startedAt = clock.now();
  const limitMs = timeoutMs > 0 ? Math.max(timeoutMs, MIN_LIMIT_MS) : SINGLE_REQUEST_LIMIT_MS;
  try {
    return await withinLimit({ work: request, limitMs, signal, clock });
  } catch (error) {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    if (!(error instanceof LimitReached)) {
      throw error;
    }
    throw timedOutError({ goal, state: undefined, elapsedMs: clock.now() - startedAt, attempts: 1, error });
  }
}
