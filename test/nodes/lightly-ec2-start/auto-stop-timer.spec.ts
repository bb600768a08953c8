import { deepEqual, equal, match } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { AutoStopTimer, type EarlyReads, readEarly } from "../../../src/nodes/lightly-ec2-start/auto-stop-timer.ts";
import type { StepRole } from "../../../src/records/run-record.ts";
import { RunRegistry } from "../../../src/runs/run-registry.ts";
import type { Step } from "../../../src/runs/steps/step.ts";
import { ec2Fault, serveEc2, serveSsm, ssmAnswer, ssmFault, type WireAnswer } from "../../services/aws/wire.ts";
import { type FakeClock, manualClock } from "../../support/fake-clock.ts";
import { contextOf } from "../support/step-context.ts";

const ID = "i-0123456789abcdef0";
const OTHER = "i-0fedcba9876543210";
const MINUTE = 60_000;

/** The common part of the middleware of both clients. */
type AnyMiddleware = (next: (args: object) => Promise<object>) => (args: object) => Promise<object>;

const ROLES: Readonly<Record<string, StepRole>> = {
  "lightly-ec2-start": "start",
  "lightly-ec2-stop": "stop",
  "lightly-ssm-run-script": "command",
  "lightly-run": "select",
};

describe("The auto-stop timer", () => {
  let ec2: Awaited<ReturnType<typeof serveEc2>>;
  let ssm: Awaited<ReturnType<typeof serveSsm>>;
  let clock: FakeClock;
  let runs: RunRegistry;
  let closed: AbortController;
  let warnings: string[];
  let behavior: (instanceId: unknown) => WireAnswer;
  let send: (instanceId: string) => WireAnswer;
  let invocation: WireAnswer;
  let activeRuns: number;

  beforeEach(async () => {
    ec2 = await serveEc2();
    ssm = await serveSsm();
    activeRuns = 0;
    const countRequests: AnyMiddleware = (next) => (args) => {
      activeRuns += 1;
      return next(args).finally(() => {
        activeRuns -= 1;
      });
    };
    ec2.ec2.middlewareStack.add(countRequests as never, { step: "initialize" });
    ssm.ssm.middlewareStack.add(countRequests as never, { step: "initialize" });
    clock = manualClock();
    runs = new RunRegistry({ now: () => clock.now() });
    closed = new AbortController();
    warnings = [];
    behavior = () => behaves("stop");
    send = () => ssmAnswer({ Command: { CommandId: `command-${ssm.count("SendCommand")}` } });
    invocation = ssmAnswer({ Status: "Success", StatusDetails: "Success", ResponseCode: 0 });
    ec2.answer = ({ input }) => behavior(input.InstanceId);
    ssm.answer = ({ operation, input }) =>
      operation === "SendCommand" ? send((input.InstanceIds as string[])[0] ?? "") : invocation;
  });
  afterEach(async () => {
    closed.abort();
    await Promise.all([ec2.close(), ssm.close()]);
  });

  const begin = (runId = "r", type = "lightly-ec2-start"): Step =>
    runs.begin(runId, {
      nodeId: type,
      type,
      role: ROLES[type] ?? "upload",
      name: type,
      alwaysRuns: type.endsWith("stop"),
    });
  const arm = async (
    step: Step,
    { minutes = 30, instanceIds = [ID], early }: { minutes?: number; instanceIds?: string[]; early?: EarlyReads } = {},
  ): Promise<void> => {
    const warn = (text: string): unknown => warnings.push(text);
    const options = {
      ec2: ec2.ec2,
      ssm: ssm.ssm,
      context: contextOf(step),
      instanceIds,
      minutes,
      early,
      signal: closed.signal,
      warn,
      clock,
    };
    await new AutoStopTimer(options).arm();
    await quiet();
  };
  /** The requests for the instances, in order. */
  const sent = (): string[] =>
    ssm.requests
      .filter(({ operation }) => operation === "SendCommand")
      .map(
        ({ input }) => `${(input.InstanceIds as string[])[0]} ${(input.Parameters as { commands: string[] }).commands}`,
      );
  const pass = async (minutes: number): Promise<void> => {
    clock.advance(minutes * MINUTE);
    await quiet();
  };
  /** Resolves when no request is in flight, and none has followed. */
  const quiet = async (): Promise<void> => {
    for (let calm = 0; calm < 3; calm = activeRuns === 0 ? calm + 1 : 0) {
      await pause(5);
    }
  };
  const ARMED = `${ID} shutdown -h +30`;

  it("sets each instance's timer, and renews it after each third of its time while a step of the run is running", async () => {
    await arm(begin(), { instanceIds: [ID, OTHER] });
    const both = [ARMED, `${OTHER} shutdown -h +30`];
    deepEqual(sent().sort(), both);
    await pass(9);
    equal(sent().length, 2);
    for (const renewals of [1, 2, 3, 4]) {
      await pass(renewals === 1 ? 1 : 10);
      equal(sent().length, 2 + 2 * renewals);
    }
    deepEqual(warnings, []);
  });

  it("continues while the message is on its way from one step to the next", async () => {
    const step = begin();
    await arm(step);
    await pass(9);
    step.complete({});
    await pass(1);
    equal(sent().length, 2, "the run ended a minute ago");
    const next = begin("r", "lightly-ssm-run-script");
    await pass(10);
    equal(sent().length, 3);
    next.complete({});
  });

  it("ends the renewals when the run is over, and sends no more requests", async () => {
    const step = begin();
    await arm(step);
    step.complete({});
    for (let waited = 0; waited < 60; waited += 10) {
      await pass(10);
    }
    equal(sent().length, 1);
    equal(clock.sleepers, 0);
  });

  it("renews again if a message that was delayed in the flow continues its run before the timer has expired", async () => {
    const step = begin();
    await arm(step);
    step.complete({});
    await pass(10);
    equal(sent().length, 1);
    begin("r", "lightly-ssm-run-script");
    await pass(10);
    equal(sent().length, 2);
  });

  it("ends the renewals when a stop step of this run or another one has stopped the instance", async () => {
    await arm(begin());
    begin("other", "lightly-ec2-stop").broadcast({ kind: "instances-stopped", instanceIds: [ID] });
    await quiet();
    equal(clock.sleepers, 0);
    await pass(30);
    equal(sent().length, 1);
  });

  it("detects a stop between two steps of its run", async () => {
    const step = begin();
    await arm(step);
    step.complete({});
    begin("other", "lightly-ec2-stop").broadcast({ kind: "instances-stopped", instanceIds: [ID] });
    begin();
    await pass(30);
    equal(sent().length, 1);
  });

  it("continues to renew the timers of instances that were not stopped", async () => {
    const step = begin();
    await arm(step, { instanceIds: [ID, OTHER] });
    step.broadcast({ kind: "instances-stopped", instanceIds: [ID] });
    await pass(10);
    deepEqual(sent().slice(2), [`${OTHER} shutdown -h +30`]);
  });

  it("does not renew while an instance is being stopped, and renews again if it was not stopped", async () => {
    const step = begin();
    await arm(step);
    await pass(9);
    step.broadcast({ kind: "instances-stopping", instanceIds: [ID] });
    await pass(1);
    equal(sent().length, 1);
    await pass(10);
    equal(sent().length, 2);
  });

  it("ends the renewals when the node closes, and keeps the timer", async () => {
    await arm(begin());
    closed.abort();
    await quiet();
    equal(clock.sleepers, 0);
    await pass(30);
    deepEqual(sent(), [ARMED]);
  });

  it("never sets a shorter time than another active run needs on the same instance", async () => {
    const long = begin("long");
    await arm(long, { minutes: 60 });
    await arm(begin("short"), { minutes: 9 });
    deepEqual(sent(), [`${ID} shutdown -h +60`, `${ID} shutdown -h +60`]);
    await pass(3);
    equal(sent().at(-1), `${ID} shutdown -h +60`);
    long.complete({});
    for (let waited = 0; waited < 100; waited += 20) {
      await pass(20);
    }
    equal(sent().at(-1), `${ID} shutdown -h +9`);
  });

  it("sets no timer if a shutdown would terminate the instance, and says once what to do", async () => {
    behavior = (id) => behaves(id === ID ? "terminate" : "stop");
    await arm(begin(), { instanceIds: [ID, OTHER] });
    deepEqual(sent(), [`${OTHER} shutdown -h +30`]);
    await pass(10);
    equal(warnings.length, 1);
    match(warnings[0] ?? "", /i-0123456789abcdef0 .*"terminate".*Change that to "stop"/);
    behavior = () => behaves("stop");
    await pass(10);
    equal(sent().filter((line) => line === ARMED).length, 1, "it was changed: the next renewal arms it");
  });

  it("sets no timer if it can't read the shutdown behavior, and names the missing permission", async () => {
    behavior = () => ec2Fault("UnauthorizedOperation", "You are not authorized to perform this operation.", 403);
    await arm(begin());
    await pass(10);
    deepEqual(sent(), []);
    equal(warnings.length, 1);
    match(warnings[0] ?? "", /ec2:DescribeInstanceAttribute.*next renewal tries again/);
  });

  it("uses a behavior that was read while the instance was starting for the first timer, and reads it again for the next", async () => {
    const early = readEarly(ec2.ec2, [ID]);
    await quiet();
    equal(ec2.requests.length, 1);
    await arm(begin(), { early });
    deepEqual([sent(), ec2.requests.length], [[ARMED], 1]);
    behavior = () => behaves("terminate");
    await pass(10);
    deepEqual([sent(), ec2.requests.length], [[ARMED], 2]);
    match(warnings[0] ?? "", /"terminate"/);
  });

  it("reads the behavior again if that has failed while the instance was starting", async () => {
    behavior = () => ec2Fault("InternalError", "An internal error has occurred.", 500);
    const early = readEarly(ec2.ec2, [ID]);
    await early.get(ID);
    behavior = () => behaves("stop");
    await arm(begin(), { early });
    deepEqual([sent(), warnings], [[ARMED], []]);
  });

  it("retries at the next renewal if a request fails, and warns once", async () => {
    await arm(begin());
    send = () => ssmFault("AccessDeniedException");
    await pass(10);
    await pass(10);
    match(warnings.join("\n"), /^Instance i-0123456789abcdef0 .*ssm:SendCommand.*$/);
    send = () => ssmAnswer({ Command: { CommandId: "at-last" } });
    await pass(10);
    equal(sent().length, 4);
    equal(warnings.length, 1);
  });

  it("retries soon if SSM does not accept commands for the instance yet, and warns only if the retry fails too", async () => {
    send = () => ssmFault("InvalidInstanceId");
    await arm(begin("r"));
    await arm(begin("s"), { instanceIds: [OTHER] });
    deepEqual(warnings, []);
    send = (id) => (id === ID ? ssmAnswer({ Command: { CommandId: "c" } }) : ssmFault("InvalidInstanceId"));
    await pass(0.25);
    equal(sent().length, 4);
    equal(warnings.length, 1);
    match(warnings[0] ?? "", new RegExp(`^Instance ${OTHER} `));
    await pass(1);
    equal(sent().length, 4, "then at the usual pace");
  });

  it("warns if the command fails on the instance", async () => {
    invocation = ssmAnswer({
      Status: "Failed",
      StatusDetails: "Failed",
      ResponseCode: 127,
      StandardErrorContent: "sh: shutdown: not found",
    });
    await arm(begin());
    await pass(1);
    match(warnings[0] ?? "", /shutdown -h \+30.*exit code 127.*not found/s);
    await pass(10);
    equal(warnings.length, 1);
  });

  it("does not count a command that a stop has ended as a failure", async () => {
    invocation = ssmAnswer({ Status: "InProgress", StatusDetails: "InProgress", ResponseCode: -1 });
    const step = begin();
    await arm(step);
    step.broadcast({ kind: "instances-stopping", instanceIds: [ID] });
    invocation = ssmAnswer({ Status: "Failed", StatusDetails: "Failed", ResponseCode: 143 });
    await pass(1);
    step.broadcast({ kind: "instances-stopped", instanceIds: [ID] });
    await quiet();
    deepEqual(warnings, []);
  });

  it("continues after the failure of its run while a clean-up step is running", async () => {
    const step = begin();
    await arm(step);
    step.fail(new PipelineError("INTERNAL", "a failure"));
    const stop = begin("r", "lightly-ec2-stop");
    await pass(10);
    equal(sent().length, 2);
    stop.complete({});
  });
});

function behaves(value: string): WireAnswer {
  return {
    body: `<DescribeInstanceAttributeResponse><instanceInitiatedShutdownBehavior><value>${value}</value></instanceInitiatedShutdownBehavior></DescribeInstanceAttributeResponse>`,
  };
}
