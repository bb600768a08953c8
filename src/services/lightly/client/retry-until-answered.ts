import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { fixedDelay } from "../../../polling/delay.ts";
import { pollUntil } from "../../../polling/poll-until.ts";
import { MAX_PAUSE_MS, Patience, troubleOf } from "./failure-tolerance.ts";

/**
 * Asks Lightly again and again until it answers well, on behalf of work that took hours: what passes by itself is sat out to the limit,
 * and answers that make no sense, or a refused token, for minutes.
 *
 * @param o.goal - as it reads in "Waited 10 min for ..."
 * @param o.pauseMs - between two requests; at most 30 s
 * @throws PipelineError of the request when it stays as it is; `TIMED_OUT`, `ABORTED`
 */
export async function patiently<T>(o: {
  readonly goal: string;
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly clock: Clock;
  readonly pauseMs: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<T> {
  const { goal, ask, clock, pauseMs, timeoutMs, signal } = o;
  const patience = new Patience(clock);
  return await pollUntil<T>({
    goal,
    check: async (until) => {
      try {
        return { done: await ask(until) };
      } catch (error) {
        const trouble = error instanceof PipelineError ? troubleOf(error) : undefined;
        if (!(error instanceof PipelineError) || trouble === undefined || until.aborted) {
          throw error;
        }
        if (!patience.bears(trouble)) {
          throw patience.exhausted(trouble, error);
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
