import type { Clock } from "../../../polling/clock.ts";

/**
 * Does work that should rather be finished than cut off: an abort reaches it only `graceMs` later.
 *
 * @param work - gets a signal that follows `o.signal` with that delay
 */
export async function withAbortGrace<T>(
  o: { signal: AbortSignal; graceMs: number; clock: Clock },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (o.graceMs === 0) {
    return await work(o.signal);
  }
  const late = new AbortController();
  const over = new AbortController();
  const onAbort = (): void => {
    o.clock.sleep(o.graceMs, over.signal).then(
      () => late.abort(o.signal.reason),
      () => {},
    );
  };
  o.signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(late.signal);
  } finally {
    o.signal.removeEventListener("abort", onAbort);
    over.abort();
  }
}
