import { abortedError } from "../errors/pipeline-error.ts";
import type { Clock } from "./clock.ts";
import { timedOutError } from "./timed-out.ts";
import { LimitReached, withinLimit } from "./within-limit.ts";

/** What {@link askWithin} takes. */
export interface LimitedQuestion<T> {
  /** What is waited for, as it reads in "Waited 15 min for ...". */
  readonly goal: string;
  readonly ask: (signal: AbortSignal) => Promise<T>;
  /** In milliseconds, a second at least; with 0 the answer may take 10 s. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** How long an answer may take where the step has no time to wait, and at least, in milliseconds. */
const WITHOUT_TIME_MS = 10_000;
const MIN_MS = 1000;

/**
 * Asks a service once, for no longer than the step's limit.
 *
 * @returns the answer
 * @throws PipelineError `TIMED_OUT` or `ABORTED`, at the limit and the abort whatever `ask` does; or what `ask` threw
 */
export async function askWithin<T>({ goal, ask, timeoutMs, signal, clock }: LimitedQuestion<T>): Promise<T> {
  const startedAt = clock.now();
  const limitMs = timeoutMs > 0 ? Math.max(timeoutMs, MIN_MS) : WITHOUT_TIME_MS;
  try {
    return await withinLimit({ work: ask, limitMs, signal, clock });
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
