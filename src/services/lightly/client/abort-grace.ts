import type { Clock } from "../../../polling/clock.ts";

/**
 * Runs work that should finish if possible: an abort reaches it `graceMs` later.
 *
 * @param work - its signal is aborted `graceMs` after `options.signal`
 */
export async function withAbortGrace<T>(
  options: { signal: AbortSignal; graceMs: number; clock: Clock },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (options.graceMs === 0) {
    return await work(options.signal);
  }
  const late = new AbortController();
  const over = new AbortController();
  const onAbort = (): void => {
    options.clock.sleep(options.graceMs, over.signal).then(
      () => late.abort(options.signal.reason),
      () => {},
    );
  };
  options.signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(late.signal);
  } finally {
    options.signal.removeEventListener("abort", onAbort);
    over.abort();
  }
}
