import { randomUUID } from "node:crypto";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { systemClock } from "../../polling/clock.ts";
import type { SentCommand } from "../../services/ssm/find-command.ts";
import type { SendScriptOptions } from "../../services/ssm/send-script.ts";
import { idOf, idsOf } from "../shared/checkpoint.ts";
import type { StepContext } from "../shared/step-options.ts";

/** The command that the checkpoint names: by its id, or by the marker that was put there before it was sent. */
export async function findOwnCommand(
  ssm: SSMClient,
  { step }: Pick<StepContext, "step">,
  signal: AbortSignal,
): Promise<SentCommand | undefined> {
  const { checkpointed } = step;
  const instanceIds = idsOf(checkpointed, "instanceIds") ?? [];
  const commandId = idOf(checkpointed, "commandId");
  if (commandId !== undefined) {
    return { commandId, instanceIds };
  }
  const marker = idOf(checkpointed, "marker");
  if (marker === undefined || instanceIds.length === 0) {
    return undefined;
  }
  const { findEarlierCommand } = await import("../../services/ssm/find-command.ts");
  const markedAt = Number(checkpointed.markedAt) || step.record.startedAt;
  return await findEarlierCommand({ ssm, marker, markedAt, instanceIds, signal, clock: systemClock });
}

/** Sends the script, unless an earlier life or try of the step has: then it is that command. */
export async function sendOrFind(
  request: Omit<SendScriptOptions, "marker">,
  { step }: Pick<StepContext, "step">,
): Promise<SentCommand> {
  const { ssm, instanceIds, signal } = request;
  const earlier = await findOwnCommand(ssm, { step }, signal);
  if (earlier) {
    if (idOf(step.checkpointed, "commandId") === undefined) {
      await step.checkpoint({ ...earlier });
    }
    return earlier;
  }
  const { sendScript } = await import("../../services/ssm/send-script.ts");
  const marker = idOf(step.checkpointed, "marker") ?? randomUUID();
  await step.intend({ marker, markedAt: Date.now(), instanceIds });
  const sent = await sendScript({ ...request, marker });
  await step.checkpoint({ ...sent });
  return sent;
}
