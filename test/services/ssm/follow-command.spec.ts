import assert from "node:assert/strict";
import { WakeUp } from "../../../src/polling/wake-up.ts";
import { cancelCommand } from "../../../src/services/ssm/cancel-command.ts";
import { type FollowCommandOptions, followCommand } from "../../../src/services/ssm/follow-command.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { serveSsm, ssmAnswer, ssmFault, type WireAnswer } from "../aws/wire.ts";

const ID = "i-0123456789abcdef0";
const COMMAND = "01234567-89ab-cdef-0123-456789abcdef";

describe("followCommand", () => {
  let wire: Awaited<ReturnType<typeof serveSsm>>;
  let clock: FakeClock;

  beforeEach(async () => {
    wire = await serveSsm();
    clock = new FakeClock();
  });

  afterEach(() => wire.close());

  const follow = (more: Partial<FollowCommandOptions> = {}) =>
    followCommand({
      ssm: wire.ssm,
      commandId: COMMAND,
      instanceId: ID,
      until: "ended",
      timeoutMs: 3_600_000,
      pollMs: 5000,
      signal: new AbortController().signal,
      clock,
      ...more,
    });

  const report = (Status: string, more: object = {}): WireAnswer =>
    ssmAnswer({ CommandId: COMMAND, InstanceId: ID, Status, StatusDetails: Status, ResponseCode: -1, ...more });
  const answerBy = (answers: WireAnswer[]) => {
    wire.answer = () => answers[Math.min(wire.requests.length, answers.length) - 1] ?? ssmFault("NoAnswer");
  };
  const SUCCESS = report("Success", {
    ResponseCode: 0,
    StandardOutputContent: "out\n",
    StandardErrorContent: "err\n",
    ExecutionStartDateTime: "2026-01-01T00:00:00.000Z",
    ExecutionEndDateTime: "2026-01-01T00:01:00.000Z",
  });

  it("resolves at the end with exit code and output of this command on this instance", async () => {
    answerBy([report("Pending"), report("InProgress"), SUCCESS]);
    assert.deepEqual(await follow(), {
      instanceId: ID,
      status: "Success",
      statusDetails: "Success",
      exitCode: 0,
      stdout: "out\n",
      stderr: "err\n",
      stdoutTruncated: false,
      stderrTruncated: false,
      startedAt: "2026-01-01T00:00:00.000Z",
      endedAt: "2026-01-01T00:01:00.000Z",
    });
    assert.deepEqual(wire.requests[0]?.input, { CommandId: COMMAND, InstanceId: ID });
    assert.deepEqual(clock.slept, [10, 11]);
  });

  it("polls soon at first, and then not more often than the interval", async () => {
    answerBy([...Array.from({ length: 60 }, () => report("InProgress")), SUCCESS]);
    await follow();
    assert.deepEqual(clock.slept.slice(0, 2), [10, 11]);
    assert.deepEqual(clock.slept.slice(-2), [5000, 5000]);
  });

  it("returns no exit code and no times before the script has ended", async () => {
    answerBy([report("InProgress", { ExecutionStartDateTime: "" })]);
    assert.deepEqual(await follow({ until: "running" }), {
      instanceId: ID,
      status: "InProgress",
      statusDetails: "InProgress",
      exitCode: null,
      stdout: "",
      stderr: "",
      stdoutTruncated: false,
      stderrTruncated: false,
    });
  });

  for (const [status, reached] of [
    ["InProgress", true],
    ["Cancelling", true],
    ["Failed", true],
    ["Pending", false],
    ["Delayed", false],
  ] as const) {
    it(`${reached ? "treats" : "does not treat"} ${status} as running`, async () => {
      answerBy([report(status), SUCCESS]);
      assert.equal((await follow({ until: "running" })).status, reached ? status : "Success");
    });
  }

  it("continues through Cancelling to the end", async () => {
    answerBy([report("Cancelling"), report("Cancelled")]);
    assert.equal((await follow()).status, "Cancelled");
  });

  it("returns a failed script as a result with its exit code", async () => {
    answerBy([report("Failed", { ResponseCode: 137 })]);
    assert.equal((await follow()).exitCode, 137);
  });

  it("accepts statuses and details with spaces", async () => {
    answerBy([report("Timed Out", { StatusDetails: "Execution Timed Out" })]);
    const { status, statusDetails } = await follow();
    assert.deepEqual({ status, statusDetails }, { status: "TimedOut", statusDetails: "ExecutionTimedOut" });
  });

  it("keeps polling while AWS does not know the new command yet", async () => {
    answerBy([ssmFault("InvocationDoesNotExist"), ssmFault("InvocationDoesNotExist"), SUCCESS]);
    assert.equal((await follow()).status, "Success");
  });

  it("fails if AWS does not know a command for a minute", async () => {
    answerBy([ssmFault("InvocationDoesNotExist")]);
    await assert.rejects(follow(), { code: "SSM_REQUEST_INVALID", message: /30 days/ });
    const elapsedMs = clock.now() - 1_000_000;
    assert.ok(elapsedMs >= 60_000 && elapsedMs <= 65_000, `${elapsedMs} ms`);
  });

  it("tolerates temporary failures", async () => {
    answerBy([
      ssmFault("InternalServerError", "oops", 500),
      ssmFault("InternalServerError", "oops", 500),
      ssmFault("InternalServerError", "oops", 500),
      { body: "<html>" },
      { fault: "cut" },
      ssmAnswer({}),
      SUCCESS,
    ]);
    assert.equal((await follow()).status, "Success");
  });

  for (const [type, code] of [
    ["AccessDeniedException", "SSM_ACCESS_DENIED"],
    ["ExpiredTokenException", "AWS_CREDENTIALS_EXPIRED"],
    ["InvalidInstanceId", "SSM_NOT_ONLINE"],
  ] as const) {
    it(`fails immediately with ${code} for ${type}`, async () => {
      answerBy([ssmFault(type)]);
      await assert.rejects(follow(), { code });
      assert.equal(wire.requests.length, 1);
    });
  }

  it("reports at its limit what it still waits for, and does not cancel the command", async () => {
    answerBy([report("InProgress")]);
    await assert.rejects(follow({ timeoutMs: 60_000 }), {
      code: "TIMED_OUT",
      message: `Waited 60 s for command ${COMMAND} on ${ID} to end. The last state was: InProgress.`,
    });
    assert.equal(wire.count("CancelCommand"), 0);
  });

  it("reports each change of status once", async () => {
    answerBy([report("Pending"), report("Pending"), report("InProgress"), report("InProgress"), SUCCESS]);
    const seen: string[] = [];
    await follow({ onState: ({ status }) => seen.push(status) });
    assert.deepEqual(seen, ["Pending", "InProgress", "Success"]);
  });

  it("checks immediately when it is woken", async () => {
    const wakeUp = new WakeUp();
    answerBy([report("InProgress"), SUCCESS]);
    clock.alarm(10, () => wakeUp.now());
    await follow({ pollMs: 30_000, wakeUp });
    assert.equal(clock.now() - 1_000_000, 10);
  });

  it("ends with ABORTED and the reason, even during a request", async () => {
    const abort = new AbortController();
    wire.answer = () => {
      abort.abort("the flow was redeployed");
      return { fault: "hang" };
    };
    await assert.rejects(follow({ signal: abort.signal }), {
      code: "ABORTED",
      message: "Stopped: the flow was redeployed",
    });
  });
});

describe("cancelCommand", () => {
  let wire: Awaited<ReturnType<typeof serveSsm>>;

  beforeEach(async () => {
    wire = await serveSsm();
  });

  afterEach(() => wire.close());

  it("cancels on the instances named, or everywhere", async () => {
    wire.answer = () => ssmAnswer({});
    await cancelCommand({ ssm: wire.ssm, commandId: COMMAND, instanceIds: [ID] });
    await cancelCommand({ ssm: wire.ssm, commandId: COMMAND });
    assert.deepEqual(
      wire.requests.map(({ operation, input }) => ({ operation, input })),
      [
        { operation: "CancelCommand", input: { CommandId: COMMAND, InstanceIds: [ID] } },
        { operation: "CancelCommand", input: { CommandId: COMMAND } },
      ],
    );
  });

  it("reports a failed request", async () => {
    wire.answer = () => ssmFault("AccessDeniedException");
    await assert.rejects(cancelCommand({ ssm: wire.ssm, commandId: COMMAND }), {
      code: "SSM_ACCESS_DENIED",
      message: /Allow ssm:CancelCommand/,
    });
  });
});
