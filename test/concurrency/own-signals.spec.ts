import assert, { equal, rejects } from "node:assert/strict";
import { getEventListeners } from "node:events";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { OwnSignals } from "../../src/concurrency/own-signals.ts";

describe("requests with signals of their own", () => {
  const hang = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });

  it("are all aborted with the reason of the common signal", async () => {
    const common = new AbortController();
    const signals = new OwnSignals(common.signal);
    const requests = [signals.run(hang), signals.run(hang)];
    const reason = new Error("deployed");
    common.abort(reason);
    for (const request of requests) {
      await rejects(request, reason);
    }
    await rejects(signals.run(hang), reason);
  });

  it("leave one listener on the common signal while one is open, and none after the last one", async () => {
    const { signal } = new AbortController();
    const signals = new OwnSignals(signal);
    const { promise, resolve } = Promise.withResolvers<string>();
    const open = signals.run(() => promise);
    await signals.run(async () => {});
    equal(getEventListeners(signal, "abort").length, 1);
    resolve("done");
    equal(await open, "done");
    equal(getEventListeners(signal, "abort").length, 0);
  });

  it("do not keep later ones in memory, as the listeners of a common signal do", async () => {
    const { signal } = new AbortController();
    const signals = new OwnSignals(signal);
    assert.ok((await keptBytes((task) => signals.run(task))) < BYTES);
    assert.ok((await keptBytes((task) => task(signal))) > (REQUESTS / 2) * BYTES, "of a common signal");
  });
});

const REQUESTS = 200;
const BYTES = 16_000;

/** How much the memory of old objects grows while only new ones are collected. */
async function keptBytes(run: (task: (signal: AbortSignal) => Promise<void>) => Promise<void>): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;
  const request = (): { end: () => Promise<void> } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = run(async (signal) => {
      const content = new Array<number>(BYTES / 8).fill(0.5);
      const abort = () => content;
      signal.addEventListener("abort", abort);
      await promise;
      signal.removeEventListener("abort", abort);
    });
    return {
      end: () => {
        resolve();
        return done;
      },
    };
  };
  let open = request();
  // The first one becomes an old object. Each later one is open during one collection, and begins before the one before it ends.
  collect({ type: "minor" });
  collect({ type: "minor" });
  const before = oldBytes();
  for (let count = 0; count < REQUESTS; count += 1) {
    const next = request();
    await open.end();
    open = next;
    collect({ type: "minor" });
  }
  await open.end();
  return oldBytes() - before;
}

function oldBytes(): number {
  const old = getHeapSpaceStatistics().find(({ space_name: name }) => name === "old_space");
  return old?.space_used_size ?? 0;
}
