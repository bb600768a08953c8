import { deepEqual, equal, rejects } from "node:assert/strict";
import { CommandFollower } from "../../../../src/nodes/shared/command/command-follower.ts";
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
});
