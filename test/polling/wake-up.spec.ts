import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { WakeUp } from "../../src/polling/wake-up.ts";

describe("WakeUp", () => {
  it("wakes all sleepers, once", () => {
    const wakeUp = new WakeUp();
    const woken: string[] = [];
    wakeUp.next(() => woken.push("one"));
    wakeUp.next(() => woken.push("two"));
    wakeUp.now();
    wakeUp.now();
    assert.deepEqual(woken, ["one", "two"]);
  });

  it("is kept for the next sleep only, if there is no sleeper", async () => {
    const wakeUp = new WakeUp();
    let woken = 0;
    wakeUp.now();
    wakeUp.now();
    wakeUp.next(() => {
      woken += 1;
    });
    await turn();
    wakeUp.next(() => {
      woken += 1;
    });
    await turn();
    assert.equal(woken, 1);
  });

  it("does not wake an unsubscribed sleeper", async () => {
    const wakeUp = new WakeUp();
    let woken = 0;
    const wake = (): void => {
      woken += 1;
    };
    wakeUp.next(wake)();
    wakeUp.now();
    wakeUp.next(wake)();
    await turn();
    assert.equal(woken, 0);
  });

  it("lets a woken sleeper sleep again without waking it twice", () => {
    const wakeUp = new WakeUp();
    let woken = 0;
    const sleep = (): void => {
      wakeUp.next(() => {
        woken += 1;
        sleep();
      });
    };
    sleep();
    wakeUp.now();
    assert.equal(woken, 1);
  });
});
