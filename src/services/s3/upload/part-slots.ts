import { performance } from "node:perf_hooks";
import { Semaphore } from "../../../concurrency/semaphore.ts";
import { type Clock, systemClock } from "../../../polling/clock.ts";

const MIB = 1024 * 1024;

/** As many as boto3 and the command line of AWS send at the same time. */
const MAX_COUNT = 10;
/** Memory for the parts that all uploads of the process send beyond their first ones. */
const MORE_BYTES = 37 * MIB;
/** A connection to S3 in the same region takes 85 to 90 MB/s. A slower one is limited by its network, unless this process is busy. */
const SLOW_BYTES_PER_S = 32 * MIB;
const MAX_UTILIZATION = 0.5;
/** By how much a larger number must raise the rate. */
const MIN_GAIN = 1.1;
/** Short stalls of a busy machine, or of a store, are no slow network. */
const MIN_WINDOW_MS = 1000;
/** The best of so many measurements counts: after a stall the rate grows again, whatever the number. */
const RECENT_RATES = 4;
/** The pause after a number that did not help. */
const SETTLED_MS = 60_000;

/** Memory that uploads share. */
export class SharedMemory {
  #leftBytes: number;

  constructor(bytes: number) {
    this.#leftBytes = bytes;
  }

  /** Returns false if so much is not left. */
  take(bytes: number): boolean {
    const isLeft = bytes <= this.#leftBytes;
    this.#leftBytes -= isLeft ? bytes : 0;
    return isLeft;
  }

  giveBack(bytes: number): void {
    this.#leftBytes += bytes;
  }
}

const MORE = new SharedMemory(MORE_BYTES);

export interface PartSlotsOptions {
  /** The number of slots at first. */
  readonly start: number;
  readonly partSizeBytes: number;
  readonly clock?: Clock | undefined;
  /** Starts to measure the share of the time in which this process is busy. */
  readonly measureUtilization?: () => () => number;
  /** Memory for further slots. */
  readonly memory?: SharedMemory;
}

/** What was sent with the same number of slots. */
interface Window {
  readonly since: number;
  bytes: number;
  parts: number;
  /** The time in which a part was ready, and no slot was free. */
  waitedMs: number;
  readonly utilization: () => number;
}

/**
 * Limits how many parts of an upload are sent at the same time, and chooses the limit by the measured rate: a network limits each connection by its
 * round trip time and losses. If parts wait for slots although the connections are slow, twice as many are tried, and kept if the rate grows.
 */
export class PartSlots {
  readonly #options: PartSlotsOptions;
  readonly #clock: Clock;
  readonly #memory: SharedMemory;
  readonly #slots: Semaphore;
  readonly #measureUtilization: () => () => number;
  /** The number before the one that is tried, and its rate. */
  #before: { readonly count: number; readonly rate: number } | undefined;
  #settledUntil = Number.NEGATIVE_INFINITY;
  /** The last rates with this number. */
  #rates: number[] = [];
  /** Parts to skip, because they began with another number. */
  #skip: number;
  #window: Window | undefined;
  /** Since when a part waits for a slot. */
  #waitingSince: number | undefined;

  constructor(options: PartSlotsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#memory = options.memory ?? MORE;
    this.#slots = new Semaphore(options.start);
    this.#measureUtilization = options.measureUtilization ?? measureEventLoop;
    this.#skip = options.start;
  }

  get count(): number {
    return this.#slots.count;
  }

  /** Waits for a free slot. Returns a function that releases it. */
  async acquire(): Promise<() => void> {
    this.#waitingSince = this.#clock.now();
    const release = await this.#slots.acquire();
    this.#countWait();
    this.#waitingSince = undefined;
    return release;
  }

  /** Counts a part that was sent. */
  sent(bytes: number): void {
    const now = this.#clock.now();
    const window = this.#window;
    if (window === undefined) {
      this.#skip -= 1;
      this.#window = this.#skip <= 0 ? this.#newWindow(now) : undefined;
      return;
    }
    window.bytes += bytes;
    window.parts += 1;
    // Parts that end at the same moment distort a shorter measurement.
    if (window.parts >= 2 * this.count && now - window.since >= MIN_WINDOW_MS) {
      this.#judge(window, now);
    }
  }

  /** Gives back the memory at the end of the upload. */
  end(): void {
    this.#lower(this.#options.start);
  }

  #countWait(): void {
    const { now } = this.#clock;
    if (this.#window !== undefined && this.#waitingSince !== undefined) {
      this.#window.waitedMs += now() - Math.max(this.#waitingSince, this.#window.since);
    }
  }

  #judge(window: Window, now: number): void {
    this.#countWait();
    const { since, bytes, waitedMs, utilization } = window;
    const isLimited = 2 * waitedMs >= now - since;
    this.#rates = [...this.#rates, (1000 * bytes) / (now - since)].slice(-RECENT_RATES);
    const rate = Math.max(...this.#rates);
    const isIdle = utilization() < MAX_UTILIZATION;
    const before = this.#before;
    this.#before = undefined;
    this.#window = this.#newWindow(now);
    if (before !== undefined && rate < MIN_GAIN * before.rate) {
      this.#settledUntil = now + SETTLED_MS;
      this.#lower(before.count);
    } else if (isLimited && rate / this.count < SLOW_BYTES_PER_S && isIdle && now >= this.#settledUntil) {
      this.#raise(rate);
    }
  }

  #raise(rate: number): void {
    const { count } = this;
    const more = Math.min(MAX_COUNT, 2 * count);
    if (more > count && this.#memory.take((more - count) * this.#options.partSizeBytes)) {
      this.#before = { count, rate };
      this.#change(more);
    }
  }

  #lower(count: number): void {
    this.#memory.giveBack((this.count - count) * this.#options.partSizeBytes);
    this.#change(count);
  }

  #change(count: number): void {
    this.#skip = Math.max(count, this.count);
    this.#window = undefined;
    this.#rates = [];
    this.#slots.count = count;
  }

  #newWindow(since: number): Window {
    return { since, bytes: 0, parts: 0, waitedMs: 0, utilization: this.#measureUtilization() };
  }
}

function measureEventLoop(): () => number {
  const start = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(start).utilization;
}
