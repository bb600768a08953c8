import assert from "node:assert/strict";
import { followCommand } from "../../../src/services/ssm/follow-command.ts";
import { type FakeClock, manualClock } from "../../support/fake-clock.ts";
import { passTime } from "../../support/pass-time.ts";
import { serveSsm, ssmAnswer, ssmFault, type WireRequest } from "../aws/wire.ts";

const COUNT = 120;
const refs = Array.from({ length: COUNT }, (_, index) => ({
  commandId: `01234567-89ab-cdef-0123-${String(index).padStart(12, "0")}`,
  instanceId: `i-${String(index).padStart(17, "0")}`,
}));
/** A command of another program. */
const FOREIGN = { commandId: "fffffff0-89ab-cdef-0123-456789abcdef", instanceId: "i-fffffffffffffffff" };

describe("followCommand for many commands", () => {
  let wire: Awaited<ReturnType<typeof serveSsm>>;
  let clock: FakeClock;
  let ended: Set<string>;
  let pending: Set<string>;

  beforeEach(async () => {
    wire = await serveSsm();
    clock = manualClock();
    ended = new Set();
    pending = new Set();
    wire.answer = (request) => (request.operation === "ListCommandInvocations" ? list(request) : get(request));
  });

  afterEach(() => wire.close());

  const list = ({ input }: WireRequest) => {
    const [filter] = input.Filters as Array<{ value: string }>;
    const isOpen = ({ commandId }: (typeof refs)[number]): boolean => !ended.has(commandId);
    const isPending = (ref: (typeof refs)[number]): boolean => pending.has(ref.commandId);
    const all =
      filter?.value === "Pending"
        ? refs.filter(isPending)
        : [FOREIGN, ...refs.filter((ref) => isOpen(ref) && !isPending(ref))];
    const at = Number(input.NextToken ?? 0);
    const CommandInvocations = all.slice(at, at + 50).map(({ commandId, instanceId }) => ({
      ...{ CommandId: commandId, InstanceId: instanceId, Status: filter?.value, StatusDetails: filter?.value },
    }));
    return ssmAnswer({ CommandInvocations, ...(at + 50 < all.length && { NextToken: String(at + 50) }) });
  };
  const get = ({ input }: WireRequest) => {
    const Status = ended.has(String(input.CommandId)) ? "Success" : "InProgress";
    return ssmAnswer({ ...input, Status, StatusDetails: Status, ResponseCode: Status === "Success" ? 0 : -1 });
  };
  const follow = (ref: (typeof refs)[number], signal = new AbortController().signal) =>
    followCommand({ ssm: wire.ssm, ...ref, until: "ended", timeoutMs: 36_000_000, pollMs: 5000, signal, clock });
  const gets = () => wire.requests.filter(({ operation }) => operation === "GetCommandInvocation");

  it("lists the commands in progress for all of them, and reads only those that have ended one by one", async () => {
    const abort = new AbortController();
    const waits = Promise.allSettled(refs.map((ref) => follow(ref, abort.signal)));
    const first = follow(refs[0] as (typeof refs)[number]);
    await passTime(clock, 1250, () => wire.requests.length >= 30);
    ended.add(refs[0]?.commandId ?? "");
    await passTime(clock, 1250, first);
    assert.equal((await first).status, "Success");
    assert.deepEqual(new Set(gets().map(({ input }) => input.CommandId)), ended);
    abort.abort();
    await waits;
  });

  it("sends three requests per interval at most", async () => {
    const abort = new AbortController();
    const waits = Promise.allSettled(refs.map((ref) => follow(ref, abort.signal)));
    await passTime(clock, 1250, () => wire.requests.length >= 160);
    const [startedAt, before] = [clock.now(), wire.requests.length];
    await passTime(clock, 1250, () => clock.now() >= startedAt + 100_000);
    const perInterval = (wire.requests.length - before) / ((clock.now() - startedAt) / 5000);
    abort.abort();
    await waits;
    assert.ok(perInterval > 1 && perInterval <= 3.1, `${perInterval} requests per interval`);
    assert.equal(gets().length, 0);
  });

  it("lists pending commands too, of which an agent runs only a few at a time", async () => {
    pending = new Set(refs.slice(5).map(({ commandId }) => commandId));
    const abort = new AbortController();
    const waits = Promise.allSettled(refs.map((ref) => follow(ref, abort.signal)));
    await passTime(clock, 1250, () => wire.requests.length >= 40);
    abort.abort();
    await waits;
    assert.equal(gets().length, 0);
  });

  it("reads each command by itself, at the same rate, if the list is not allowed", async () => {
    wire.answer = (request) =>
      request.operation === "ListCommandInvocations" ? ssmFault("AccessDeniedException") : get(request);
    for (const { commandId } of refs) {
      ended.add(commandId);
    }
    const startedAt = clock.now();
    const reports = Promise.all(refs.map((ref) => follow(ref)));
    await passTime(clock, 1250, reports);
    assert.deepEqual(
      (await reports).map(({ instanceId }) => instanceId),
      refs.map(({ instanceId }) => instanceId),
    );
    assert.ok(clock.now() - startedAt >= (COUNT - 60) * 1250);
  });

  it("fails only for the command that SSM does not know", async () => {
    const [unknown, ...others] = refs as [(typeof refs)[number], ...typeof refs];
    for (const { commandId } of others) {
      ended.add(commandId);
    }
    wire.answer = (request) => {
      if (request.operation === "ListCommandInvocations") {
        return ssmAnswer({ CommandInvocations: [] });
      }
      return request.input.CommandId === unknown.commandId ? ssmFault("InvocationDoesNotExist") : get(request);
    };
    const all = Promise.allSettled([unknown, ...others.slice(0, 5)].map((ref) => follow(ref)));
    await passTime(clock, 1250, all);
    const [lost, ...rest] = await all;
    assert.equal(lost?.status === "rejected" && lost.reason.code, "SSM_REQUEST_INVALID");
    assert.ok(rest.every(({ status }) => status === "fulfilled"));
  });
});
