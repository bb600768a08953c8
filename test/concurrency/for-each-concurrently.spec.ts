import assert from "node:assert/strict";
import { forEachConcurrently } from "../../src/concurrency/for-each-concurrently.ts";

async function* numbers(count: number, taken: number[] = []): AsyncGenerator<number> {
  for (let index = 0; index < count; index += 1) {
    taken.push(index);
    yield index;
  }
}

describe("forEachConcurrently", () => {
  const signal = new AbortController().signal;

  it("processes each item once, and never more than the limit at the same time", async () => {
    const done: number[] = [];
    let busy = 0;
    let most = 0;
    await forEachConcurrently({
      items: numbers(25),
      limit: 4,
      signal,
      work: async (item) => {
        busy += 1;
        most = Math.max(most, busy);
        await new Promise(setImmediate);
        busy -= 1;
        done.push(item);
      },
    });
    assert.equal(most, 4);
    assert.deepEqual(
      done.toSorted((a, b) => a - b),
      Array.from({ length: 25 }, (_, index) => index),
    );
  });

  it("throws the first failure after all others have ended, and reads no more items", async () => {
    const taken: number[] = [];
    let atRest = 0;
    const work = forEachConcurrently({
      items: numbers(100, taken),
      limit: 4,
      signal,
      work: async (item, both) => {
        if (item === 2) {
          await new Promise(setImmediate);
          throw new Error("the third one");
        }
        await new Promise<void>((resolve) => both.addEventListener("abort", () => setImmediate(resolve)));
        atRest += 1;
      },
    });
    await assert.rejects(work, /the third one/);
    assert.equal(atRest, 3);
    assert.ok(taken.length <= 5, `${taken.length} were taken`);
  });

  it("ends when it is aborted", async () => {
    const stop = new AbortController();
    const work = forEachConcurrently({
      items: numbers(100),
      limit: 2,
      signal: stop.signal,
      work: async (item) => {
        if (item === 5) {
          stop.abort("enough");
        }
      },
    });
    await assert.rejects(work, { code: "ABORTED" });
  });
});
