import { deepEqual, equal, rejects } from "node:assert/strict";
import { CommandFollower } from "../../../../src/nodes/shared/command/command-follower.ts";
import { sendOrFind } from "../../../../src/nodes/shared/command/send-or-find.ts";
import { RunRegistry } from "../../../../src/runs/run-registry.ts";
import type { Step } from "../../../../src/runs/steps/step.ts";
import { serveSsm, ssmAnswer, ssmFault, type WireAnswer } from "../../../services/aws/wire.ts";
import { HANG_MS } from "../../../support/limits.ts";
import { contextOf } from "../../support/step-context.ts";
import { until } from "../../support/until.ts";

const ONE = "i-0123456789abcdef0";
const OTHER = "i-0fedcba9876543210";
const IN_PROGRESS = ssmAnswer({ Status: "InProgress", StatusDetails: "InProgress", ResponseCode: -1 });
const SUCCESS = ssmAnswer({ Status: "Success", StatusDetails: "Success", ResponseCode: 0 });

describe("The follower of a command on two instances", () => {
  let ssm: Awaited<ReturnType<typeof serveSsm>>;
  let step: Step;
  let follower: CommandFollower;
  let invocations: Map<string, WireAnswer>;
  let canceled: string[];
  let cancelAnswer: WireAnswer;

  beforeEach(async () => {
    ssm = await serveSsm();
    invocations = new Map([
      [ONE, IN_PROGRESS],
      [OTHER, IN_PROGRESS],
    ]);
    canceled = [];
    cancelAnswer = ssmAnswer({});
    ssm.answer = ({ operation, input }) => {
      if (operation === "CancelCommand") {
        canceled.push(...((input.InstanceIds as string[] | undefined) ?? ["everywhere"]));
        return cancelAnswer;
      }
      return invocations.get(input.InstanceId as string) ?? IN_PROGRESS;
    };
    const runs = new RunRegistry();
    step = runs.begin("r", {
      nodeId: "n",
      type: "lightly-ssm-run-script",
      role: "command",
      name: "worker",
      alwaysRuns: false,
    });
    follower = new CommandFollower(contextOf(step), {
      ssm: ssm.ssm,
      commandId: "c",
      instanceIds: [ONE, OTHER],
      script: "/run.sh",
      timeoutMs: HANG_MS,
      pollMs: 5,
      mayBeWorker: true,
    });
  });
  afterEach(async () => {
    step.abort("closed", "the test is over.");
    follower.close();
    await ssm.close();
  });

  it("does not cancel the script on one instance when the other one is stopped", async () => {
    const ended = follower.untilEnded();
    await until(() => ssm.count("GetCommandInvocation") >= 2);
    step.broadcast({ kind: "instances-stopped", instanceIds: [ONE] });
    await until(() => canceled.length > 0);
    deepEqual(canceled, [ONE]);
    invocations.set(OTHER, SUCCESS);
    deepEqual(
      (await ended).map(({ status }) => status),
      ["Cancelled", "Success"],
    );
  });

  it("sends no more requests for one instance after it has failed for the other one and was closed", async () => {
    invocations.set(ONE, ssmFault("AccessDeniedException", "No."));
    await rejects(follower.untilEnded(), { code: "SSM_ACCESS_DENIED" });
    follower.close();
    // A request in flight may complete.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const asked = ssm.count("GetCommandInvocation");
    await new Promise((resolve) => setTimeout(resolve, 100));
    equal(ssm.count("GetCommandInvocation"), asked);
  });

  it("counts a stopped instance as the end even if the command can't be canceled on it", async () => {
    cancelAnswer = ssmFault("InvalidInstanceId", "Not in a valid state.");
    invocations.set(OTHER, SUCCESS);
    const ended = follower.untilEnded();
    await until(() => ssm.count("GetCommandInvocation") >= 2);
    step.broadcast({ kind: "instances-stopped", instanceIds: [ONE] });
    equal((await ended)[0]?.statusDetails, "InstanceStopped");
  });

  describe("after a restart", () => {
    const HOURS = 3 * 3_600_000;
    const LIMIT_MS = 1_200_000;
    let now: number;
    const followAfter = async (sinceSentMs: number): Promise<CommandFollower> => {
      now = Date.parse("2026-01-01T00:00:00Z");
      const node = { nodeId: "n", type: "lightly-ssm-run-script", role: "command", name: "worker", alwaysRuns: false };
      step = new RunRegistry({ now: () => now }).begin("r", node as Parameters<RunRegistry["begin"]>[1]);
      const command = { ssm: ssm.ssm, script: "/run.sh", timeoutMs: LIMIT_MS, pollMs: 5, mayBeWorker: true };
      const request = { ssm: ssm.ssm, instanceIds: [ONE], script: "/run.sh", signal: step.signal };
      const limits = { executionTimeoutSeconds: 60, deliveryTimeoutSeconds: 60 };
      ssm.answer = ({ operation }) =>
        operation === "SendCommand"
          ? ssmAnswer({ Command: { CommandId: "c", InstanceIds: [ONE] } })
          : (invocations.get(ONE) ?? IN_PROGRESS);
      await sendOrFind({ ...request, ...limits }, contextOf(step));
      now += sinceSentMs;
      step = step.nextAttempt();
      follower.close();
      const sent = await sendOrFind({ ...request, ...limits, signal: step.signal }, contextOf(step));
      follower = new CommandFollower(contextOf(step), { ...command, ...sent });
      return follower;
    };

    it("ends the wait at the limit from the time when the command was sent, with one check", async () => {
      await rejects((await followAfter(HOURS)).untilEnded(), {
        code: "TIMED_OUT",
        message: /^Waited 3 h for command c/,
      });
      equal(ssm.count("GetCommandInvocation"), 1);
      equal(ssm.count("SendCommand"), 1);
    });

    it("finds a command that has ended in the meantime", async () => {
      invocations.set(ONE, SUCCESS);
      const after = await followAfter(HOURS);
      deepEqual(
        [...(await after.untilRunning()), ...(await after.untilEnded())].map(({ status }) => status),
        ["Success", "Success"],
      );
    });

    it("continues to wait before the limit", async () => {
      const ended = (await followAfter(LIMIT_MS / 2)).untilEnded();
      await until(() => ssm.count("GetCommandInvocation") >= 2);
      invocations.set(ONE, SUCCESS);
      equal((await ended)[0]?.status, "Success");
    });
  });
});
