import { abortedError } from "../errors/pipeline-error.ts";

/**
 * Waits for a promise until the signal is aborted. The work of the promise is not stopped.
 *
 * @throws PipelineError `ABORTED`, or what the promise rejects with
 */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(abortedError(signal.reason));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) {
    abort();
  }
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
