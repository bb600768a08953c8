import { type Clock, systemClock } from "../../../polling/clock.ts";

/** Does `work` with a signal that is aborted when it takes longer than `limitMs`. */
export async function limited<T>(
  limitMs: number,
  clock: Clock | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const done = new AbortController();
  (clock ?? systemClock).sleep(limitMs, done.signal).then(
    () => limit.abort(),
    () => {},
  );
  try {
    return await work(limit.signal);
  } finally {
    done.abort();
  }
}
