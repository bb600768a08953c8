import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { PipelineError } from "../../src/errors/pipeline-error.ts";
import { systemClock } from "../../src/polling/clock.ts";
import { fixedDelay, growingDelay } from "../../src/polling/delay.ts";
import { formatDuration } from "../../src/polling/format-duration.ts";
import { type PollAttempt, type PollResult, type PollUntilOptions, pollUntil } from "../../src/polling/poll-until.ts";
import { WakeUp } from "../../src/polling/wake-up.ts";
import { LimitReached } from "../../src/polling/within-limit.ts";
import { FakeClock, manualClock } from "../support/fake-clock.ts";

/** Resolves after all pending microtasks. */
const settled = () => new Promise<void>((done) => setImmediate(done));

describe("pollUntil", () => {
  let clock: FakeClock;
  let abort: AbortController;

  beforeEach(() => {
    clock = new FakeClock();
    abort = new AbortController();
  });

  const poll = <T>(
    looks: Array<PollResult<T> | Error | (() => PollResult<T>)>,
    more: Partial<PollUntilOptions<T>> = {},
  ) => {
    let count = 0;
    return pollUntil<T>({
      goal: "the lamp to be lit",
      check: async () => {
        const look = looks[Math.min(count, looks.length - 1)];
        count += 1;
        if (look === undefined || look instanceof Error) {
          throw look;
        }
        return typeof look === "function" ? look() : look;
      },
      delay: fixedDelay(1000),
      timeoutMs: 10_000,
      signal: abort.signal,
      clock,
      ...more,
    });
  };

  it("returns the result of the first check, without sleeping", async () => {
    assert.equal(await poll([{ done: "lit" }]), "lit");
    assert.deepEqual(clock.slept, []);
  });

  it("returns undefined, null and false too", async () => {
    for (const done of [undefined, null, false]) {
      assert.equal(await poll([{ wait: "dark" }, { done }]), done);
    }
  });

  it("sleeps between checks according to the delay, with attempts from 1", async () => {
    await poll([{ wait: "dark" }, { wait: "dim" }, { wait: "dim" }, { done: 1 }], {
      delay: growingDelay({ firstMs: 10, limitMs: 25 }),
    });
    assert.deepEqual(clock.slept, [10, 20, 25]);
  });

  it("reports each check before the goal", async () => {
    const attempts: PollAttempt[] = [];
    await poll([{ wait: "dark" }, { wait: "dim" }, { done: 1 }], { onAttempt: (attempt) => attempts.push(attempt) });
    assert.deepEqual(attempts, [
      { attempt: 1, state: "dark", elapsedMs: 0 },
      { attempt: 2, state: "dim", elapsedMs: 1000 },
    ]);
  });

  it("checks for the last time exactly at its limit, and then reports the last state", async () => {
    const seen: number[] = [];
    const look = (): PollResult<number> => {
      seen.push(clock.now() - 1_000_000);
      return { wait: "dark" };
    };
    await assert.rejects(poll([look], { delay: fixedDelay(4000) }), (error: PipelineError) => {
      assert.equal(error.code, "TIMED_OUT");
      assert.equal(error.retryable, false);
      assert.equal(error.message, "Waited 10 s for the lamp to be lit. The last state was: dark.");
      assert.deepEqual(error.details, { state: "dark", elapsedMs: 10_000, attempts: 4 });
      return true;
    });
    assert.deepEqual(seen, [0, 4000, 8000, 10_000]);
  });

  it("checks once with a limit of 0", async () => {
    assert.equal(await poll([{ done: 1 }], { timeoutMs: 0 }), 1);
    await assert.rejects(poll([{ wait: "dark" }], { timeoutMs: 0 }), { code: "TIMED_OUT" });
    assert.deepEqual(clock.slept, []);
  });

  it("waits without a limit if it is infinite", async () => {
    const looks = [...Array.from({ length: 500 }, () => ({ wait: "dark" })), { done: 1 }];
    assert.equal(await poll(looks, { timeoutMs: Number.POSITIVE_INFINITY, delay: fixedDelay(86_400_000) }), 1);
  });

  it("continues after a retryable error, and keeps the last one as the cause of a timeout", async () => {
    const passing = new PipelineError("AWS_UNREACHABLE", "no answer", { retryable: true });
    assert.equal(await poll([passing, passing, { done: 1 }]), 1);
    await assert.rejects(poll([passing]), (error: PipelineError) => {
      assert.equal(error.code, "TIMED_OUT");
      assert.equal(error.cause, passing);
      assert.equal(error.message, "Waited 10 s for the lamp to be lit. The last request failed: no answer.");
      return true;
    });
  });

  it("rejects with any other error immediately", async () => {
    for (const error of [new PipelineError("EC2_ACCESS_DENIED", "no"), new TypeError("a defect")]) {
      await assert.rejects(poll([{ wait: "dark" }, error]), (thrown) => thrown === error);
    }
    assert.deepEqual(clock.slept, [1000, 1000]);
  });

  it("does not check if it was aborted before", async () => {
    abort.abort("too late");
    let looks = 0;
    await assert.rejects(
      poll([
        () => {
          looks += 1;
          return { done: 1 };
        },
      ]),
      { code: "ABORTED", message: "Stopped: too late" },
    );
    assert.equal(looks, 0);
  });

  it("ends its sleep with the reason of an abort", async () => {
    clock.alarm(1500, () => abort.abort(new Error("the lamp was sold")));
    await assert.rejects(poll([{ wait: "dark" }]), { code: "ABORTED", message: "Stopped: the lamp was sold" });
    assert.equal(clock.now() - 1_000_000, 1500);
  });

  it("treats any error after an abort as the abort", async () => {
    const look = (): PollResult<number> => {
      abort.abort("over");
      throw new Error("socket hang up");
    };
    await assert.rejects(poll([look]), { code: "ABORTED" });
  });

  it("rejects with an ABORTED error that is the signal's reason", async () => {
    const reason = new PipelineError("ABORTED", "Stopped: another step failed");
    clock.alarm(10, () => abort.abort(reason));
    await assert.rejects(poll([{ wait: "dark" }]), (error) => error === reason);
  });

  it("passes a check a signal that is aborted with the signal of the wait, with the same reason", async () => {
    let given: AbortSignal | undefined;
    const wait = poll([], {
      check: async (signal) => {
        given = signal;
        abort.abort("the lamp was sold");
        return { done: 1 };
      },
    });
    await assert.rejects(wait, { code: "ABORTED", message: "Stopped: the lamp was sold" });
    assert.equal(given?.reason, "the lamp was sold");
  });

  describe("with a check that gets no response", () => {
    /** A service that accepts and never responds, and a check that ignores its signal, like a credential provider. */
    const silent = () => new Promise<never>(() => undefined);

    it("ends at its limit, and reports the real duration and the last state", async () => {
      const manual = manualClock();
      let looks = 0;
      const wait = poll([], {
        clock: manual,
        timeoutMs: 3000,
        check: async () => (++looks === 1 ? { wait: "dark" } : await silent()),
      });
      const ended = assert.rejects(wait, (error: PipelineError) => {
        assert.equal(error.code, "TIMED_OUT");
        assert.equal(
          error.message,
          "Waited 3 s for the lamp to be lit. The last state was: dark. The last request got no response within 2 s.",
        );
        assert.deepEqual(error.details, { state: "dark", elapsedMs: 3000, attempts: 2 });
        return true;
      });
      await settled();
      manual.advance(1000);
      await settled();
      assert.equal(looks, 2);
      manual.advance(2000);
      await ended;
    });

    it("ends a check that starts at the limit after a tenth of it", async () => {
      const manual = manualClock();
      let looks = 0;
      const wait = poll([], {
        clock: manual,
        timeoutMs: 3000,
        delay: fixedDelay(60_000),
        check: async () => (++looks === 1 ? { wait: "dark" } : await silent()),
      });
      const ended = assert.rejects(wait, { code: "TIMED_OUT", message: /^Waited 3 s .* within 300 ms\.$/ });
      await settled();
      manual.advance(3000);
      await settled();
      manual.advance(299);
      await settled();
      assert.equal(manual.alarms, 1);
      manual.advance(1);
      await ended;
    });

    it("allows the single check of a wait with a limit of 0 10 s", async () => {
      const manual = manualClock();
      const ended = assert.rejects(poll([], { clock: manual, timeoutMs: 0, check: silent }), {
        code: "TIMED_OUT",
        message: "Waited 10 s for the lamp to be lit. The last request got no response within 10 s.",
      });
      await settled();
      manual.advance(10_000);
      await ended;
    });

    it("aborts the check at the limit, and ignores its later errors", async () => {
      const manual = manualClock();
      let reason: unknown;
      const check = (signal: AbortSignal) =>
        new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(new TypeError("a defect"));
          });
        });
      const ended = assert.rejects(poll([], { clock: manual, timeoutMs: 3000, check }), { code: "TIMED_OUT" });
      await settled();
      manual.advance(3000);
      await ended;
      assert.ok(reason instanceof LimitReached);
    });

    it("ends immediately when it is aborted", async () => {
      const wait = poll([], { timeoutMs: Number.POSITIVE_INFINITY, check: silent });
      const ended = assert.rejects(wait, { code: "ABORTED", message: "Stopped: the lamp was sold" });
      await settled();
      abort.abort("the lamp was sold");
      await ended;
    });

    it("waits for a check whose result must be known, even after the limit and an abort", async () => {
      const manual = manualClock();
      const check = async (): Promise<PollResult<string>> => {
        await manual.sleep(9000, new AbortController().signal);
        return { done: "lit" };
      };
      const wait = poll([], { clock: manual, timeoutMs: 3000, finishChecks: true, check });
      await settled();
      abort.abort("over");
      manual.advance(9000);
      assert.equal(await wait, "lit");
    });

    it("removes all listeners and alarms", async () => {
      const manual = manualClock();
      assert.equal(await poll([{ done: 1 }], { clock: manual }), 1);
      await assert.rejects(poll([new TypeError("a defect")], { clock: manual }));
      assert.equal(manual.alarms, 0);
      assert.equal(getEventListeners(abort.signal, "abort").length, 0);
    });
  });

  describe("with a wake-up", () => {
    it("checks immediately when it is woken, and starts its delays over", async () => {
      const wakeUp = new WakeUp();
      const seen: number[] = [];
      const look = (): PollResult<number> => {
        seen.push(clock.now() - 1_000_000);
        return seen.length < 6 ? { wait: "dark" } : { done: 1 };
      };
      clock.alarm(350, () => wakeUp.now());
      await poll([look], { wakeUp, delay: growingDelay({ firstMs: 100, limitMs: 1000 }) });
      assert.deepEqual(seen, [0, 100, 300, 350, 450, 650]);
    });

    it("does not lose a wake-up during a check", async () => {
      const wakeUp = new WakeUp();
      let looks = 0;
      const look = (): PollResult<number> => {
        looks += 1;
        if (looks === 1) {
          wakeUp.now();
        }
        return looks < 2 ? { wait: "dark" } : { done: 1 };
      };
      await poll([look], { wakeUp });
      assert.equal(clock.now(), 1_000_000);
    });

    it("does not lose a wake-up during a check after a complete sleep", async () => {
      const wakeUp = new WakeUp();
      let looks = 0;
      const look = (): PollResult<number> => {
        looks += 1;
        if (looks === 2) {
          wakeUp.now();
        }
        return looks < 3 ? { wait: "dark" } : { done: 1 };
      };
      await poll([look], { wakeUp });
      assert.equal(clock.now() - 1_000_000, 1000);
    });

    it("ends with an abort even if it is woken too", async () => {
      const wakeUp = new WakeUp();
      clock.alarm(10, () => {
        wakeUp.now();
        abort.abort("over");
      });
      await assert.rejects(poll([{ wait: "dark" }], { wakeUp }), { code: "ABORTED" });
    });
  });

  describe("with the system clock", () => {
    it("ends a long sleep immediately when it is woken or aborted", async () => {
      const wakeUp = new WakeUp();
      const startedAt = Date.now();
      const options = { clock: systemClock, wakeUp, delay: fixedDelay(60_000), timeoutMs: 120_000 };
      setTimeout(() => wakeUp.now(), 5);
      assert.equal(await poll([{ wait: "dark" }, { done: 1 }], options), 1);
      setTimeout(() => abort.abort("over"), 5);
      await assert.rejects(poll([{ wait: "dark" }], options), { code: "ABORTED", message: "Stopped: over" });
      assert.ok(Date.now() - startedAt < 60_000);
    });

    it("removes its listener on the signal", async () => {
      const looks = [...Array.from({ length: 50 }, () => ({ wait: "dark" })), { done: 1 }];
      await poll(looks, { clock: systemClock, delay: fixedDelay(0), wakeUp: new WakeUp() });
      assert.equal(getEventListeners(abort.signal, "abort").length, 0);
    });

    it("sleeps longer than the maximum delay of a timer", async () => {
      const timer = new AbortController();
      const slept = systemClock.sleep(30 * 86_400_000, timer.signal);
      const result = await Promise.race([slept, systemClock.sleep(20, abort.signal).then(() => "still asleep")]);
      timer.abort("enough");
      await assert.rejects(slept);
      assert.equal(result, "still asleep");
    });
  });

  describe("of a wait that continues after a restart", () => {
    const retryable = new PipelineError("AWS_UNREACHABLE", "No network.", { retryable: true });
    const hour = 3_600_000;

    it("counts the time before it", async () => {
      await assert.rejects(poll([{ wait: "dark" }], { waitedMs: 7000 }), {
        code: "TIMED_OUT",
        message: "Waited 10 s for the lamp to be lit. The last state was: dark.",
      });
      assert.deepEqual(clock.slept, [1000, 1000, 1000]);
    });

    it("checks once if the limit has passed", async () => {
      assert.equal(await poll([{ done: "lit" }], { waitedMs: hour }), "lit");
      await assert.rejects(poll([{ wait: "dark" }, { done: "lit" }], { waitedMs: hour }), { code: "TIMED_OUT" });
      assert.deepEqual(clock.slept, []);
    });

    it("tries for a minute to get an answer if the limit has passed", async () => {
      assert.equal(await poll([retryable, retryable, { done: "lit" }], { waitedMs: hour }), "lit");
      assert.deepEqual(clock.slept, [1000, 1000]);
      await assert.rejects(poll([retryable, { wait: "dark" }, { done: "lit" }], { waitedMs: hour }), {
        code: "TIMED_OUT",
      });
      const since = clock.now();
      await assert.rejects(poll([retryable], { waitedMs: hour }), { code: "TIMED_OUT", message: /No network/ });
      assert.equal(clock.now() - since, 60_000);
    });
  });
});

describe("formatDuration", () => {
  it("formats durations", () => {
    for (const [ms, text] of [
      [0, "0 ms"],
      [250, "250 ms"],
      [999.7, "1 s"],
      [1000, "1 s"],
      [45_400, "45 s"],
      [119_000, "119 s"],
      [120_000, "2 min"],
      [900_000, "15 min"],
      [7_199_000, "120 min"],
      [7_200_000, "2 h"],
      [5_400_000 * 2, "3 h"],
      [9_000_000, "2.5 h"],
      [172_800_000, "48 h"],
    ] as const) {
      assert.equal(formatDuration(ms), text);
    }
  });
});
