import { setTimeout as sleepFor, setImmediate as turnOfEventLoop } from "node:timers/promises";
import { abortedError } from "../errors/pipeline-error.ts";
import { Brake } from "./brake.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Pace } from "./pace.ts";
import { raceAbort } from "./race-abort.ts";

/**
 * How long the calls of several waits are collected into one request, in milliseconds. Timers that are due at the same moment fire within that
 * time.
 */
const COLLECT_MS = 2;

/** Resolves when the next request may be sent. */
export type Turn = () => Promise<void>;

export interface SharedRequestsOptions<V> {
  /**
   * Requests the values of all keys. Keys that the service does not know may be missing in the response. Waits for `turn` before each
   * request if it sends several; the first turn is immediate.
   */
  readonly request: (keys: readonly string[], signal: AbortSignal, turn: Turn) => Promise<ReadonlyMap<string, V>>;
  /** Whether a single key has caused this failure. If so, the keys of each caller are requested separately. */
  readonly isOneKeysFault: (error: unknown) => boolean;
  /** If the service has refused the request because of the request rate: the pause that it asks for in milliseconds, or 0. */
  readonly throttledFor: (error: unknown) => number | undefined;
  /** Maximum number of keys in one request. */
  readonly limit: number;
}

/** When the values are needed. */
export interface WaitOptions {
  /** The poll interval of the wait in milliseconds. Default: one second. */
  readonly everyMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

interface Call<V> {
  readonly keys: readonly string[];
  readonly signal: AbortSignal;
  readonly resolve: (values: ReadonlyMap<string, V>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Combines the calls of many waits on one client: the keys of calls within a few milliseconds are requested together, and a single wait is
 * not delayed. An abort or a wrong key of one caller does not affect the others. Calls with the same poll interval share a {@link Pace}, so
 * that the number of requests does not grow with the number of waits, and all share a {@link Brake}.
 */
export class SharedRequests<V> {
  readonly #options: SharedRequestsOptions<V>;
  readonly #streams = new Map<number, RequestStream<V>>();
  #brake: Brake | undefined;

  constructor(options: SharedRequestsOptions<V>) {
    this.#options = options;
  }

  /**
   * Requests some keys, at most {@link SharedRequestsOptions.limit}.
   *
   * @returns the values of the keys that the service knows
   * @throws the error of the request, or PipelineError `ABORTED`
   */
  async get(
    keys: readonly string[],
    signal: AbortSignal,
    { everyMs = 1000, clock = systemClock }: WaitOptions = {},
  ): Promise<ReadonlyMap<string, V>> {
    if (signal.aborted) {
      throw abortedError(signal.reason);
    }
    this.#brake ??= new Brake(clock);
    let stream = this.#streams.get(everyMs);
    if (!stream) {
      stream = new RequestStream(this.#options, this.#brake, new Pace(everyMs, this.#brake, clock));
      this.#streams.set(everyMs, stream);
    }
    return await stream.get(keys, signal);
  }
}

/** The calls with one poll interval. */
class RequestStream<V> {
  readonly #options: SharedRequestsOptions<V>;
  readonly #brake: Brake;
  readonly #pace: Pace;
  #collected: Call<V>[] = [];
  #inFlight = 0;
  /** Whether several waits are active: the last request had several calls, or was sent while another one was in flight. */
  #isShared = false;

  constructor(options: SharedRequestsOptions<V>, brake: Brake, pace: Pace) {
    this.#options = options;
    this.#brake = brake;
    this.#pace = pace;
  }

  async get(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, V>> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, V>>();
    this.#collected.push({ keys, signal, resolve, reject });
    if (this.#collected.length === 1) {
      void this.#sendCollected();
    }
    return await raceAbort(promise, signal);
  }

  /** Calls that arrive while a request waits for its turn are part of it, if they fit. */
  async #sendCollected(): Promise<void> {
    await (this.#isShared ? sleepFor(COLLECT_MS) : turnOfEventLoop());
    while (this.#collected.length > 0) {
      await this.#pace.turn();
      const batch = this.#takeBatch();
      if (batch.length > 0) {
        this.#isShared = batch.length > 1 || this.#inFlight > 0;
        void this.#send(batch);
      }
    }
  }

  /** Takes calls up to the limit of a request, without dividing a call. */
  #takeBatch(): Call<V>[] {
    const keys = new Set<string>();
    const batch: Call<V>[] = [];
    const left: Call<V>[] = [];
    for (const call of this.#collected) {
      if (call.signal.aborted) {
        continue;
      }
      const added = call.keys.filter((key) => !keys.has(key));
      if (keys.size + added.length > this.#options.limit) {
        left.push(call);
        continue;
      }
      for (const key of added) {
        keys.add(key);
      }
      batch.push(call);
    }
    this.#collected = left;
    return batch;
  }

  async #send(calls: readonly Call<V>[]): Promise<void> {
    const { request, isOneKeysFault, throttledFor } = this.#options;
    const keys = [...new Set(calls.flatMap((call) => call.keys))];
    const { signal, release } = watchAll(calls.map((call) => call.signal));
    this.#inFlight += 1;
    try {
      const values = await request(keys, signal, turnsAfter(this.#pace));
      this.#brake.succeeded();
      for (const { keys: own, resolve } of calls) {
        resolve(pick(values, own));
      }
    } catch (error) {
      if (calls.length > 1 && isOneKeysFault(error)) {
        await this.#sendSeparately(calls);
        return;
      }
      const pauseMs = throttledFor(error);
      if (pauseMs !== undefined) {
        this.#brake.throttled(pauseMs);
      }
      for (const { reject } of calls) {
        reject(error);
      }
    } finally {
      this.#inFlight -= 1;
      release();
    }
  }

  async #sendSeparately(calls: readonly Call<V>[]): Promise<void> {
    await Promise.all(
      calls.map(async (call) => {
        await this.#pace.turn();
        await this.#send([call]);
      }),
    );
  }
}

/** The turns of a request whose first turn has come. */
function turnsAfter(pace: Pace): Turn {
  let isFirst = true;
  return async () => {
    if (isFirst) {
      isFirst = false;
      return;
    }
    await pace.turn();
  };
}

function pick<V>(values: ReadonlyMap<string, V>, keys: readonly string[]): Map<string, V> {
  const picked = new Map<string, V>();
  for (const key of keys) {
    const value = values.get(key);
    if (value !== undefined) {
      picked.set(key, value);
    }
  }
  return picked;
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
