import { abortedError } from "../errors/pipeline-error.ts";

/**
 * What a promise resolves with, unless the signal is aborted before: then the promise goes on by itself.
 *
 * @throws PipelineError `ABORTED`
 */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
