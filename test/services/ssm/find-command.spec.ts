import assert from "node:assert/strict";
import { findEarlierCommand } from "../../../src/services/ssm/find-command.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { serveSsm, ssmAnswer } from "../aws/wire.ts";

const ID = "i-0123456789abcdef0";
const MARKER = "1f2e3d4c-0000";
const FOUND = { CommandId: "11111111-2222-3333-4444-555555555555", Comment: `nightly ${MARKER}` };
const DAY_MS = 86_400_000;

describe("findEarlierCommand", () => {
  let wire: Awaited<ReturnType<typeof serveSsm>>;
  let clock: FakeClock;

  beforeEach(async () => {
    wire = await serveSsm();
    clock = new FakeClock({ now: Date.parse("2026-01-01T00:00:00Z") });
  });

  afterEach(() => wire.close());

  /** Searches for a command whose marker was saved some time ago. */
  const find = (agoMs: number) => {
    const { signal } = new AbortController();
    const markedAt = clock.wallNow() - agoMs;
    return findEarlierCommand({ ssm: wire.ssm, marker: MARKER, markedAt, instanceIds: [ID], signal, clock });
  };

  const sleptMs = () => clock.slept.reduce((sum, ms) => sum + ms, 0);

  it("finds a command that is listed immediately", async () => {
    wire.answer = () => ssmAnswer({ Commands: [FOUND] });
    assert.deepEqual(await find(1000), { commandId: FOUND.CommandId, instanceIds: [ID] });
    assert.deepEqual(clock.slept, []);
  });

  it("searches once for one that would have been listed long ago", async () => {
    wire.answer = () => ssmAnswer({ Commands: [] });
    assert.equal(await find(3_600_000), undefined);
    assert.equal(wire.requests.length, 1);
  });

  it("searches until a command that was just sent would be listed", async () => {
    wire.answer = () => ssmAnswer({ Commands: wire.requests.length > 3 ? [FOUND] : [] });
    assert.equal((await find(1000))?.commandId, FOUND.CommandId);
    wire.requests.length = 0;
    clock.slept.length = 0;
    wire.answer = () => ssmAnswer({ Commands: [] });
    assert.equal(await find(1000), undefined);
    assert.ok(sleptMs() >= 14_000 && sleptMs() <= 18_000, String(clock.slept));
  });

  it("does not search for days if the date is set back in the meantime", async () => {
    wire.answer = () => ssmAnswer({ Commands: [] });
    clock.alarm(1000, () => {
      clock.wallOffsetMs = -3 * DAY_MS;
    });
    assert.equal(await find(0), undefined);
    assert.ok(sleptMs() >= 15_000 && sleptMs() <= 19_000, String(clock.slept));
  });

  it("does not search for days if the date was set back before", async () => {
    wire.answer = () => ssmAnswer({ Commands: [] });
    assert.equal(await find(-3 * DAY_MS), undefined);
    assert.ok(sleptMs() >= 15_000 && sleptMs() <= 19_000, String(clock.slept));
  });
});
