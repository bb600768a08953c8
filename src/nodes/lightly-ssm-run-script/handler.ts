import type { CommandReport } from "../../services/ssm/command-report.ts";
import type { AwsAccountNode } from "../lightly-aws-account/lightly-aws-account.ts";
import { accountOf } from "../shared/accounts/account.ts";
import { CommandFollower } from "../shared/command/command-follower.ts";
import { AGENT_REPORT_GRACE_MS, cancelOwnCommand, sendOrFind } from "../shared/command/send-or-find.ts";
import type { Inputs } from "../shared/inputs/inputs.ts";
import type { NodeAPI, StepDef } from "../shared/node-red.ts";
import { idOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { fields } from "./fields.ts";
import { toSsmResult } from "./ssm-result.ts";
import { workerCommand } from "./worker-command.ts";

/** Sends the script as one command to all instances, and follows it until it runs or has ended. */
export async function runScript(red: NodeAPI, def: StepDef, context: StepContext): Promise<Record<string, unknown>> {
  const { signal, inputs, status } = context;
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  const request = await scriptRequest(inputs);
  // The whole form is read before anything is sent, because a step that fails later leaves its command running.
  const { waitFor, pollMs } = await inputs.read(fields, "waitFor", "pollSeconds");
  const ssm = await clients.ssm();
  if (idOf(context.checkpoint, "commandId") === undefined) {
    context.throwIfSkipped(request.instanceIds);
  }
  status.show("working", "sending");
  const comment = `node-red run ${context.runId}`.slice(0, 100);
  const { turnsOf } = await import("../../services/ssm/command-input.ts");
  const sent = await sendOrFind({ ssm, ...request, comment, signal }, context);
  const follower = new CommandFollower(context, {
    ssm,
    ...sent,
    script: request.script,
    timeoutMs:
      (request.executionTimeoutSeconds + request.deliveryTimeoutSeconds) *
        turnsOf(sent.instanceIds.length, request) *
        1000 +
      AGENT_REPORT_GRACE_MS,
    pollMs,
    mayBeWorker: true,
  });

  try {
    return await follow(red, context, follower, waitFor === "ended");
  } finally {
    follower.close();
  }
}

/** Cancels the command of a step that was aborted before it could be resumed. */
export async function undo(red: NodeAPI, def: StepDef, context: StepContext): Promise<void> {
  const clients = await accountOf<AwsAccountNode>(red, def, "lightly-aws-account").clients();
  await cancelOwnCommand(await clients.ssm(), context);
}

/** The first output sends when the script is running (or, if the step waits for its end, has succeeded), the second one when it has ended. */
async function follow(
  red: NodeAPI,
  { msg, send, status }: StepContext,
  follower: CommandFollower,
  waitsForEnd: boolean,
): Promise<Record<string, unknown>> {
  const running = await follower.untilRunning();
  status.show("working", "running");
  if (!waitsForEnd && running.every(hasRun)) {
    msg.ssm = toSsmResult(follower.commandId, running);
    msg.payload = follower.commandId;
    send(red.util.cloneMessage(msg));
  }
  const ended = await follower.untilEnded();
  const result = toSsmResult(follower.commandId, ended);
  msg.ssm = result;
  msg.payload = result.exitCode;
  const failure = await follower.failure(ended, waitsForEnd);
  status.show(result.status === "Success" ? "done" : "failed", "ended", { exitCode: result.exitCode ?? "-" });
  // A script whose instance was stopped has neither failed nor succeeded.
  const hasSucceeded = ended.every((report) => report.status === "Success");
  if (waitsForEnd && hasSucceeded) {
    send(red.util.cloneMessage(msg));
  }
  send(msg, 1);
  if (failure) {
    throw failure;
  }
  return { ssm: result };
}

function hasRun({ status }: CommandReport): boolean {
  return status !== "Cancelled" && status !== "TimedOut";
}

async function scriptRequest(inputs: Inputs) {
  const { parseInstanceIds } = await import("../../services/ec2/instance-selector.ts");
  const { instanceIds, mode, executionTimeoutMs, deliveryTimeoutMs, workingDirectory } = await inputs.read(
    fields,
    "instanceIds",
    "mode",
    "executionTimeoutHours",
    "deliveryTimeoutMinutes",
    "workingDirectory",
  );
  const { outputBucket, outputPrefix, logGroup } = await inputs.read(
    fields,
    "outputBucket",
    "outputPrefix",
    "logGroup",
  );
  const rates = await inputs.read(fields, "maxConcurrency", "maxErrors");
  const common = await inputs.read(fields, "args", "environment");
  return {
    instanceIds: parseInstanceIds(instanceIds),
    ...(mode === "worker"
      ? await workerCommand(inputs, common)
      : { ...(await inputs.read(fields, "script")), ...common }),
    executionTimeoutSeconds: Math.round(executionTimeoutMs / 1000),
    deliveryTimeoutSeconds: Math.round(deliveryTimeoutMs / 1000),
    workingDirectory,
    output: outputBucket === undefined ? undefined : { bucket: outputBucket, prefix: outputPrefix },
    logGroup,
    ...rates,
  };
}
