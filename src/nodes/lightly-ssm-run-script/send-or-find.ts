import { randomUUID } from "node:crypto";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { systemClock } from "../../polling/clock.ts";
import type { SentCommand } from "../../services/ssm/find-command.ts";
import type { SendScriptOptions } from "../../services/ssm/send-script.ts";
import { idOf, idsOf } from "../shared/step/checkpoint.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** Finds the command of the checkpoint: by its id, or by the marker that was saved before the command was sent. */
export async function findOwnCommand(
  ssm: SSMClient,
  context: StepContext,
  signal: AbortSignal,
): Promise<SentCommand | undefined> {
  const { checkpoint } = context;
  const instanceIds = idsOf(checkpoint, "instanceIds") ?? [];
  const commandId = idOf(checkpoint, "commandId");
  if (commandId !== undefined) {
    return { commandId, instanceIds };
  }
  const marker = idOf(checkpoint, "marker");
  if (marker === undefined || instanceIds.length === 0) {
    return undefined;
  }
  const { findEarlierCommand } = await import("../../services/ssm/find-command.ts");
  const markedAt = Number(checkpoint.markedAt) || context.startedAt;
  return await findEarlierCommand({ ssm, marker, markedAt, instanceIds, signal, clock: systemClock });
}

/** Returns the command of an earlier attempt, or sends the script. */
export async function sendOrFind(
  request: Omit<SendScriptOptions, "marker">,
  context: StepContext,
): Promise<SentCommand> {
  const { ssm, instanceIds, signal } = request;
  const earlier = await findOwnCommand(ssm, context, signal);
  if (earlier) {
    if (idOf(context.checkpoint, "commandId") === undefined) {
      await context.saveCheckpoint({ ...earlier });
    }
    return earlier;
  }
  const { sendScript } = await import("../../services/ssm/send-script.ts");
  const marker = idOf(context.checkpoint, "marker") ?? randomUUID();
  // The log group is for the links of the running step.
  await context.saveIntent({ marker, markedAt: Date.now(), instanceIds, logGroup: request.logGroup });
  const sent = await sendScript({ ...request, marker });
  await context.saveCheckpoint({ ...sent });
  return sent;
}
