import { deepEqual, equal, rejects } from "node:assert/strict";
import {
  type RenewWhileNeededOptions,
  renewWhileNeeded,
} from "../../../src/nodes/lightly-ec2-start/renew-while-needed.ts";
import { FakeClock } from "../../support/fake-clock.ts";

describe("renewWhileNeeded", () => {
  let clock: FakeClock;
  let renewals: number[];
  const startedAt = 1_000_000;

  beforeEach(() => {
    clock = new FakeClock({ now: startedAt });
    renewals = [];
  });

  const keep = (more: Partial<RenewWhileNeededOptions>): Promise<void> =>
    renewWhileNeeded({
      lastsMs: 300,
      pauseMs: () => 100,
      isNeeded: () => false,
      renew: async () => void renewals.push(clock.now() - startedAt),
      signal: new AbortController().signal,
      clock,
      ...more,
    });

  it("renews as long as needed, first after a pause", async () => {
    await keep({ isNeeded: () => clock.now() - startedAt <= 400 });
    deepEqual(renewals, [100, 200, 300, 400]);
  });

  it("ends when it has expired and is not needed", async () => {
    await keep({});
    deepEqual(renewals, []);
    equal(clock.now() - startedAt, 300);
  });

  it("renews again if it is needed again before it expires", async () => {
    await keep({ isNeeded: () => [100, 300].includes(clock.now() - startedAt) });
    deepEqual(renewals, [100, 300]);
    equal(clock.now() - startedAt, 600);
  });

  it("asks for the length of each pause", async () => {
    await keep({ pauseMs: () => (renewals.length === 0 ? 10 : 100), isNeeded: () => clock.now() - startedAt <= 200 });
    deepEqual(renewals, [10, 110]);
  });

  it("ends at its signal, and rejects with the error of a renewal", async () => {
    const ended = new AbortController();
    clock.alarm(150, () => ended.abort());
    await keep({ isNeeded: () => true, signal: ended.signal });
    deepEqual(renewals, [100]);
    await rejects(keep({ isNeeded: () => true, renew: () => Promise.reject(new Error("a defect")) }), /a defect/);
  });
});
