import { deepEqual, equal, ok } from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PartSlots, SharedMemory } from "../../../../src/services/s3/upload/part-slots.ts";
import { type FakeClock, manualClock } from "../../../support/fake-clock.ts";

const MIB = 1024 * 1024;
const PART = 5 * MIB;

/** The rates of a simulated network and source, in bytes per second. */
interface Rates {
  connection: number;
  network: number;
  source: number;
  /** S3 confirms parts at multiples of this time, in milliseconds. */
  confirmsEachMs?: number;
}

/** A part on its way. */
interface Sending {
  leftBytes: number;
  readonly release: () => void;
}

/** An upload whose parts are sent over a simulated network. */
class Upload {
  readonly slots: PartSlots;
  readonly counts: number[] = [];
  readonly #sending: Sending[] = [];
  readonly #clock: FakeClock;
  readonly #rates: Rates;
  /** When the source has delivered the part that waits for a slot. */
  #readyAt = 0;
  #isWaiting = false;

  constructor(clock: FakeClock, rates: Rates, memory: SharedMemory, utilization = 0.1) {
    this.#clock = clock;
    this.#rates = rates;
    this.slots = new PartSlots({
      start: 3,
      partSizeBytes: PART,
      clock,
      memory,
      measureUtilization: () => () => utilization,
    });
  }

  /** Sends for a number of seconds, in steps of 10 ms. */
  async pass(seconds: number): Promise<void> {
    for (const end = this.#clock.now() + seconds * 1000; this.#clock.now() < end; ) {
      this.#clock.advance(10);
      await this.step();
    }
  }

  /** What happens in 10 ms. */
  async step(): Promise<void> {
    const { connection, network, source, confirmsEachMs = 10 } = this.#rates;
    const confirms = this.#clock.now() % confirmsEachMs === 0;
    if (!this.#isWaiting && this.#clock.now() >= this.#readyAt) {
      this.#isWaiting = true;
      void this.slots.acquire().then((release) => {
        this.#sending.push({ leftBytes: PART, release });
        this.#isWaiting = false;
        this.#readyAt = this.#clock.now() + (1000 * PART) / source;
      });
    }
    const rate = Math.min(connection, network / this.#sending.length);
    for (const one of [...this.#sending]) {
      one.leftBytes -= rate / 100;
      if (one.leftBytes <= 0 && confirms) {
        this.#sending.splice(this.#sending.indexOf(one), 1);
        one.release();
        this.slots.sent(PART);
      }
    }
    if (this.slots.count !== this.counts.at(-1)) {
      this.counts.push(this.slots.count);
    }
    await nextTurn();
  }
}

describe("the number of parts that are sent at the same time", () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = manualClock();
  });
  const FAST = 1000 * MIB;
  const upload = (rates: Partial<Rates>, memory = new SharedMemory(7 * PART)): Upload =>
    new Upload(clock, { connection: FAST, network: FAST, source: FAST, ...rates }, memory);

  it("grows to ten within seconds where each connection is slow", async () => {
    const slow = upload({ connection: 8 * MIB });
    await slow.pass(8);
    deepEqual(slow.counts, [3, 6, 10]);
  });

  it("grows also if parts end at the same moment, so that only one of them has waited", async () => {
    const slow = upload({ connection: 10 * MIB, confirmsEachMs: 500 });
    await slow.pass(20);
    deepEqual(slow.counts, [3, 6, 10]);
  });

  it("is tried and lowered again where more connections share the same rate", async () => {
    const slow = upload({ network: 24 * MIB });
    await slow.pass(20);
    deepEqual(slow.counts, [3, 6, 3]);
  });

  it("is tried again after a minute, because networks change", async () => {
    const rates = { connection: 8 * MIB, network: 24 * MIB, source: FAST };
    const slow = new Upload(clock, rates, new SharedMemory(7 * PART));
    await slow.pass(20);
    rates.network = FAST;
    await slow.pass(30);
    deepEqual(slow.counts, [3, 6, 3]);
    await slow.pass(40);
    deepEqual(slow.counts, [3, 6, 3, 6, 10]);
  });

  it("does not grow where the connections are fast, because then this machine is the limit", async () => {
    const fast = upload({ connection: 40 * MIB });
    await fast.pass(20);
    deepEqual(fast.counts, [3]);
  });

  it("does not grow for a stall of some seconds, after which the rate grows whatever the number", async () => {
    const rates = { connection: 80 * MIB, network: FAST, source: FAST };
    const stalled = new Upload(clock, rates, new SharedMemory(7 * PART));
    await stalled.pass(10);
    rates.connection = 4 * MIB;
    await stalled.pass(4);
    rates.connection = 80 * MIB;
    await stalled.pass(20);
    deepEqual(stalled.counts, [3]);
  });

  it("does not grow while this process is busy, because then it is the limit", async () => {
    const busy = new Upload(
      clock,
      { connection: 8 * MIB, network: FAST, source: FAST },
      new SharedMemory(7 * PART),
      0.9,
    );
    await busy.pass(20);
    deepEqual(busy.counts, [3]);
  });

  it("does not grow for a source that is slower than the connections", async () => {
    const slow = upload({ connection: 8 * MIB, source: 20 * MIB });
    await slow.pass(20);
    deepEqual(slow.counts, [3]);
  });

  it("shares the memory for further parts with other uploads, which get it at the end", async () => {
    const memory = new SharedMemory(7 * PART);
    const [first, second] = [upload({ connection: 8 * MIB }, memory), upload({ connection: 8 * MIB }, memory)];
    await first.pass(8);
    await second.pass(8);
    deepEqual([first.slots.count, second.slots.count], [10, 3]);
    first.slots.end();
    await second.pass(8);
    equal(second.slots.count, 10);
    second.slots.end();
    ok(memory.take(7 * PART));
  });
});
