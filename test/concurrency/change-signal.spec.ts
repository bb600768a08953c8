import { deepEqual, equal, rejects } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { ChangeSignal } from "../../src/concurrency/change-signal.ts";

describe("ChangeSignal", () => {
  const { signal } = new AbortController();

  it("resumes only the steps whose condition is true after a change", async () => {
    const changes = new ChangeSignal(() => undefined);
    const resumed: string[] = [];
    let first = false;
    void changes.changedTo(() => first, signal).then(() => resumed.push("first"));
    void changes.changedTo(() => false, signal).then(() => resumed.push("second"));
    changes.changed();
    await setImmediate();
    deepEqual(resumed, []);
    first = true;
    changes.changed();
    await setImmediate();
    deepEqual(resumed, ["first"]);
  });

  it("checks all conditions once for all changes of one turn, after the work of the change", async () => {
    const order: string[] = [];
    const changes = new ChangeSignal(() => order.push("work"));
    const isReady = (): boolean => order.push("check") > 3;
    const waiting = changes.changedTo(isReady, signal);
    for (let change = 0; change < 1000; change += 1) {
      changes.changed();
    }
    await setImmediate();
    changes.changed();
    await waiting;
    deepEqual(order, ["work", "check", "work", "check"]);
  });

  it("has another version after each change", () => {
    const changes = new ChangeSignal(() => undefined);
    const versions = new Set([changes.version]);
    for (let change = 0; change < 10; change += 1) {
      changes.changed();
      versions.add(changes.version);
    }
    equal(versions.size, 11);
  });

  it("rejects when the step is aborted, before or during the wait", async () => {
    const changes = new ChangeSignal(() => undefined);
    const abort = new AbortController();
    const waiting = changes.changedTo(() => false, abort.signal);
    abort.abort(new Error("over"));
    await rejects(waiting, /over/);
    await rejects(
      changes.changedTo(() => true, abort.signal),
      /over/,
    );
  });
});
