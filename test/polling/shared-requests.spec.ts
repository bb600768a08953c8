import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { SharedRequests } from "../../src/polling/shared-requests.ts";
import { FakeClock, manualClock } from "../support/fake-clock.ts";

describe("SharedRequests", () => {
  const signal = new AbortController().signal;
  let asked: string[][];

  beforeEach(() => {
    asked = [];
  });

  const requests = (limit = 10) =>
    new SharedRequests<string>({
      limit,
      isOneKeysFault: () => false,
      throttledFor: () => undefined,
      request: async (keys) => {
        asked.push([...keys]);
        return new Map(keys.filter((key) => key !== "unknown").map((key) => [key, key.toUpperCase()]));
      },
    });

  it("requests each key once, and omits unknown keys", async () => {
    const shared = requests();
    const answers = await Promise.all([shared.get(["a", "unknown"], signal), shared.get(["b", "a"], signal)]);
    assert.deepEqual(asked, [["a", "unknown", "b"]]);
    assert.deepEqual(
      answers.map((answer) => [...answer]),
      [
        [["a", "A"]],
        [
          ["b", "B"],
          ["a", "A"],
        ],
      ],
    );
  });

  it("fills requests up to the limit without dividing a call", async () => {
    const shared = requests(3);
    await Promise.all([["a", "b"], ["c", "d"], ["b", "e"], ["f"]].map((keys) => shared.get(keys, signal)));
    assert.deepEqual(asked, [
      ["a", "b", "e"],
      ["c", "d", "f"],
    ]);
  });

  it("requests keys of later calls again", async () => {
    const shared = requests();
    await shared.get(["a"], signal);
    await shared.get(["a"], signal);
    assert.deepEqual(asked, [["a"], ["a"]]);
  });

  it("combines the calls of waits whose timers are due at the same moment, once they have met", async () => {
    const shared = requests();
    const atAlmostTheSameMoment = async () => {
      const first = shared.get(["a"], signal);
      await setImmediate();
      await Promise.all([first, shared.get(["b"], signal)]);
    };
    await Promise.all([shared.get(["a"], signal), shared.get(["b"], signal)]);
    await atAlmostTheSameMoment();
    await atAlmostTheSameMoment();
    assert.deepEqual(asked, [
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("sends the call of a single wait in the same turn of the event loop, also after others have ended", async () => {
    const shared = requests();
    const sentWithinATurn = async (): Promise<boolean> => {
      const before = asked.length;
      const answer = shared.get(["a"], signal);
      await setImmediate();
      await setImmediate();
      const isSent = asked.length > before;
      await answer;
      return isSent;
    };
    assert.equal(await sentWithinATurn(), true);
    await Promise.all([shared.get(["a"], signal), shared.get(["b"], signal)]);
    assert.equal(await sentWithinATurn(), false, "it may not be the only one");
    assert.equal(await sentWithinATurn(), true);
  });

  it("does not request keys of calls that were aborted before the request", async () => {
    const shared = requests();
    const abort = new AbortController();
    const left = shared.get(["a"], abort.signal);
    const stayed = shared.get(["b"], signal);
    abort.abort("over");
    await assert.rejects(left, { code: "ABORTED", message: "Stopped: over" });
    await stayed;
    await assert.rejects(shared.get(["c"], abort.signal), { code: "ABORTED" });
    assert.deepEqual(asked, [["b"]]);
  });

  it("removes its listeners on signals", async () => {
    const { signal: watched } = new AbortController();
    let listeners = 0;
    const add = watched.addEventListener.bind(watched);
    const remove = watched.removeEventListener.bind(watched);
    watched.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    watched.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const shared = requests();
    await Promise.all([shared.get(["a"], watched), shared.get(["b"], watched)]);
    assert.equal(listeners, 0);
  });

  describe("of a thousand waits", () => {
    const waits = Array.from({ length: 1000 }, (_, index) => `key ${index}`);

    it("sends three requests per poll interval after a burst, and serves each wait", async () => {
      const clock = new FakeClock({ now: 0 });
      const shared = requests(10);
      const answers = await Promise.all(
        waits.map(async (key) => (await shared.get([key], signal, { everyMs: 6000, clock })).get(key)),
      );
      assert.deepEqual(
        answers,
        waits.map((key) => key.toUpperCase()),
      );
      assert.equal(asked.length, 100);
      assert.equal(clock.now(), (100 - 60) * 2000);
    });

    it("adds waits to a request that is waiting for its turn", async () => {
      const clock = manualClock();
      const shared = requests(1000);
      const ask = (keys: readonly string[]) =>
        Promise.all(keys.map((key) => shared.get([key], signal, { everyMs: 6000, clock })));
      for (let burst = 0; burst < 60; burst += 1) {
        await ask(["first"]);
      }
      asked = [];
      const early = ask(waits.slice(0, 500));
      await until(() => clock.sleepers === 1);
      const late = ask(waits.slice(500));
      clock.advance(2000);
      await Promise.all([early, late]);
      assert.deepEqual(asked, [waits]);
    });

    it("delays all waits after the service has refused one because of the request rate", async () => {
      const clock = new FakeClock({ now: 0 });
      let isRefused = true;
      const shared = new SharedRequests<number>({
        limit: 1,
        isOneKeysFault: () => false,
        throttledFor: (error) => (error === "slow down" ? 30_000 : undefined),
        request: async (keys) => {
          if (isRefused) {
            isRefused = false;
            throw "slow down";
          }
          return new Map(keys.map((key) => [key, clock.now()]));
        },
      });
      await assert.rejects(shared.get(["a"], signal, { everyMs: 1000, clock }));
      const times = await Promise.all([
        shared.get(["b"], signal, { everyMs: 1000, clock }),
        shared.get(["c"], signal, { everyMs: 60_000, clock }),
      ]);
      assert.deepEqual([times[0].get("b"), times[1].get("c")], [30_000, 30_000]);
    });

    it("waits for a turn before each further request of a list", async () => {
      const clock = new FakeClock({ now: 0 });
      const shared = new SharedRequests<number>({
        limit: 1000,
        isOneKeysFault: () => false,
        throttledFor: () => undefined,
        request: async (keys, _signal, turn) => {
          for (let page = 0; page < 64; page += 1) {
            await turn();
          }
          return new Map(keys.map((key) => [key, clock.now()]));
        },
      });
      assert.equal((await shared.get(["a"], signal, { everyMs: 6000, clock })).get("a"), 8000);
    });
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await setImmediate();
  }
}
