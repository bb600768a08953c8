import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { fixedDelay } from "../../../polling/delay.ts";
import { pollUntil } from "../../../polling/poll-until.ts";
import { FailureTolerance, failureKindOf, MAX_PAUSE_MS } from "./failure-tolerance.ts";

/**
 * Repeats a request until Lightly responds to it. The work that depends on it took hours, so transient failures are retried up to the
 * time limit, and unexpected responses or a refused token for minutes (see {@link FailureTolerance}).
 *
 * @param options.goal - completes "Waited 10 min for ..."
 * @param options.pauseMs - between two requests; at most 30 s
 * @throws PipelineError of the request if the failure lasts; `TIMED_OUT`, `ABORTED`
 */
export async function retryUntilResponse<T>(options: {
  readonly goal: string;
  readonly request: (signal: AbortSignal) => Promise<T>;
  readonly clock: Clock;
  readonly pauseMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<T> {
  const { goal, request, clock, pauseMs, timeoutMs, signal } = options;
  const tolerance = new FailureTolerance(clock);
  return await pollUntil<T>({
    goal,
    check: async (until) => {
      try {
        return { done: await request(until) };
      } catch (error) {
        const kind = error instanceof PipelineError ? failureKindOf(error) : undefined;
        if (!(error instanceof PipelineError) || kind === undefined || until.aborted) {
          throw error;
        }
        if (!tolerance.tolerates(kind)) {
          throw tolerance.exhausted(kind, error);
        }
        return { wait: `unknown (${error.message})` };
      }
    },
    delay: fixedDelay(Math.min(pauseMs, MAX_PAUSE_MS)),
    timeoutMs,
    signal,
    clock,
  });
}
