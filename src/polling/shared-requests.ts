import { setTimeout as sleepFor } from "node:timers/promises";
import { abortedError } from "../errors/pipeline-error.ts";
import { raceAbort } from "./race-abort.ts";

/** How long calls are collected into one request, in milliseconds. Timers that are due at the same moment fire within that time. */
const COLLECT_MS = 4;

export interface SharedRequestsOptions<V> {
  /** Sends one request for all keys. Keys that the service does not know may be missing in the response. */
  readonly request: (keys: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, V>>;
  /** Whether a single key has caused this failure. If so, the keys of each caller are requested separately. */
  readonly isOneKeysFault: (error: unknown) => boolean;
  /** Maximum number of keys in one request. */
  readonly limit: number;
}

interface Call<V> {
  readonly keys: readonly string[];
  readonly signal: AbortSignal;
  readonly resolve: (values: ReadonlyMap<string, V>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Combines the calls of many waits: the keys of calls within a few milliseconds are requested together. An abort or a wrong key of one
 * caller does not affect the others.
 */
export class SharedRequests<V> {
  readonly #options: SharedRequestsOptions<V>;
  #collected: Call<V>[] = [];

  constructor(options: SharedRequestsOptions<V>) {
    this.#options = options;
  }

  /**
   * Requests some keys, at most {@link SharedRequestsOptions.limit}.
   *
   * @returns the values of the keys that the service knows
   * @throws the error of the request, or PipelineError `ABORTED`
   */
  async get(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, V>> {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, V>>();
    this.#collected.push({ keys, signal, resolve, reject });
    if (this.#collected.length === 1) {
      void this.#sendCollected();
    }
    return await raceAbort(promise, signal);
  }

  async #sendCollected(): Promise<void> {
    await sleepFor(COLLECT_MS);
    const calls = this.#collected.filter(({ signal }) => !signal.aborted);
    this.#collected = [];
    await Promise.all(this.#pack(calls).map((batch) => this.#send(batch)));
  }

  /** Fills requests up to the limit without dividing a call. */
  #pack(calls: readonly Call<V>[]): Call<V>[][] {
    const batches: Array<{ keys: Set<string>; calls: Call<V>[] }> = [];
    for (const call of calls) {
      const fitting = batches.find(({ keys }) => new Set([...keys, ...call.keys]).size <= this.#options.limit);
      const batch = fitting ?? { keys: new Set<string>(), calls: [] };
      for (const key of call.keys) {
        batch.keys.add(key);
      }
      batch.calls.push(call);
      if (!fitting) {
        batches.push(batch);
      }
    }
    return batches.map((batch) => batch.calls);
  }

  async #send(calls: readonly Call<V>[]): Promise<void> {
    const keys = [...new Set(calls.flatMap((call) => call.keys))];
    const { signal, release } = watchAll(calls.map((call) => call.signal));
    try {
      const values = await this.#options.request(keys, signal);
      for (const { keys: own, resolve } of calls) {
        resolve(new Map([...values].filter(([key]) => own.includes(key))));
      }
    } catch (error) {
      if (calls.length > 1 && this.#options.isOneKeysFault(error)) {
        await Promise.all(calls.map((call) => this.#send([call])));
        return;
      }
      for (const { reject } of calls) {
        reject(error);
      }
    } finally {
      release();
    }
  }
}

/** A signal that is aborted when all of `signals` are: a request is aborted only if no caller needs its response. */
function watchAll(signals: readonly AbortSignal[]): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const check = (): void => {
    if (signals.every(({ aborted }) => aborted)) {
      controller.abort(signals[0]?.reason);
    }
  };
  for (const signal of signals) {
    signal.addEventListener("abort", check, { once: true });
  }
  const release = (): void => {
    for (const signal of signals) {
      signal.removeEventListener("abort", check);
    }
  };
  return { signal: controller.signal, release };
}
