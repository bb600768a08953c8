import assert from "node:assert/strict";
import { Semaphore } from "../../src/concurrency/semaphore.ts";

describe("Semaphore", () => {
  it("runs at most as many tasks as it has slots, in the order of their calls", async () => {
    const semaphore = new Semaphore(2);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      [1, 2, 3, 4, 5].map((task) =>
        semaphore.run(async () => {
          started.push(task);
          running += 1;
          most = Math.max(most, running);
          await new Promise(setImmediate);
          running -= 1;
        }),
      ),
    );
    assert.equal(most, 2);
    assert.deepEqual(started, [1, 2, 3, 4, 5]);
  });

  it("starts waiting tasks when it gets more slots, and none while more run than a lowered number allows", async () => {
    const semaphore = new Semaphore(1);
    const ends: Array<() => void> = [];
    const start = () => semaphore.run(() => new Promise<void>((resolve) => ends.push(resolve)));
    const end = async (): Promise<void> => {
      ends.shift()?.();
      await new Promise(setImmediate);
    };
    const tasks = [start(), start(), start(), start(), start()];
    await new Promise(setImmediate);
    assert.equal(ends.length, 1);
    semaphore.count = 3;
    await new Promise(setImmediate);
    assert.equal(ends.length, 3, "of five");
    semaphore.count = 1;
    await end();
    await end();
    assert.equal(ends.length, 1, "two of three have ended");
    await end();
    assert.equal(ends.length, 1, "the next one");
    await end();
    await end();
    await Promise.all(tasks);
    assert.equal(await semaphore.run(async () => "ran"), "ran");
  });

  it("releases the slot of a failed task", async () => {
    const semaphore = new Semaphore(1);
    await assert.rejects(
      semaphore.run(async () => {
        throw new Error("the task failed");
      }),
      /the task failed/,
    );
    assert.equal(await semaphore.run(async () => "ran"), "ran");
  });

  it("ends the wait of an aborted caller, and keeps the order of the others", async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire();
    const abort = new AbortController();
    const aborted = semaphore.run(async () => assert.fail("it ran"), abort.signal);
    const next = semaphore.run(async () => "ran");
    abort.abort("enough");
    await assert.rejects(aborted, { code: "ABORTED" });
    release();
    assert.equal(await next, "ran");
    await assert.rejects(semaphore.acquire(abort.signal), { code: "ABORTED" });
  });
});
