import { abortedError } from "../errors/pipeline-error.ts";

export interface ForEachConcurrentlyOptions<T> {
  readonly items: AsyncIterable<T>;
  /** How many items are processed at a time. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Processes one item. Its signal is also aborted when another item has failed. */
  readonly work: (item: T, signal: AbortSignal) => Promise<void>;
}

/**
 * Processes items in order, a few at a time. An item is read only when it can be processed immediately. The first failure aborts the
 * others; the promise rejects after all of them have ended.
 *
 * @throws the first failure, or PipelineError `ABORTED`
 */
export async function forEachConcurrently<T>(options: ForEachConcurrentlyOptions<T>): Promise<void> {
  const { items, limit, signal, work } = options;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const iterator = items[Symbol.asyncIterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    try {
      while (!either.aborted) {
        const next = await iterator.next();
        if (next.done || either.aborted) {
          return;
        }
        await work(next.value, either);
      }
    } catch (error) {
      failures.push(error);
      failed.abort(abortedError("another item has failed."));
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  await iterator.return?.();
  if (signal.aborted) {
    throw abortedError(signal.reason);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}
