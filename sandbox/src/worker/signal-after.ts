/** A signal that is aborted some time after another one, with the same reason. */
export function signalAfter(first: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const start = (): void => {
    setTimeout(() => later.abort(first.reason), ms).unref();
  };
  if (first.aborted) {
    start();
  } else {
    first.addEventListener("abort", start, { once: true });
  }
  return later.signal;
}
