import { abortedError } from "../errors/pipeline-error.ts";

/** What {@link inParallel} takes. */
export interface ParallelWork<T> {
  readonly items: AsyncIterable<T>;
  /** How many at a time. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Its signal is also aborted when another item has failed. */
  readonly work: (item: T, signal: AbortSignal) => Promise<void>;
}

/**
 * Works on items a few at a time, in order, and takes the next one only when there is a hand free for it. The first failure stops the
 * others; it rejects when all of them have come to rest.
 *
 * @throws the first failure, or PipelineError `ABORTED`
 */
export async function inParallel<T>({ items, limit, signal, work }: ParallelWork<T>): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const iterator = items[Symbol.asyncIterator]();
  const failures: unknown[] = [];
  const hand = async (): Promise<void> => {
    try {
      while (!both.aborted) {
        const next = await iterator.next();
        if (next.done || both.aborted) {
          return;
        }
        await work(next.value, both);
      }
    } catch (error) {
      failures.push(error);
      stop.abort(abortedError("another one has failed."));
    }
  };
  await Promise.all(Array.from({ length: limit }, hand));
  await iterator.return?.();
  if (signal.aborted) {
    throw abortedError(signal.reason);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
