import { randomUUID } from "node:crypto";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { systemClock } from "../../../polling/clock.ts";
import type { SentCommand } from "../../../services/ssm/find-command.ts";
import type { SendScriptOptions } from "../../../services/ssm/send-script.ts";
import { idOf, idsOf } from "../step/checkpoint.ts";
import type { StepContext } from "../step/step-context.ts";
import { stepMs } from "../step/waits/saved-wait.ts";

/** Finds the command of the checkpoint: by its id, or by the marker that was saved before the command was sent. */
async function findOwnCommand(
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
  const { findEarlierCommand } = await import("../../../services/ssm/find-command.ts");
  const markedAt = Number(checkpoint.markedAt) || context.startedAt;
  return await findEarlierCommand({ ssm, marker, markedAt, instanceIds, signal, clock: systemClock });
}

/** A command, with how long the step had been running when it was sent. */
export interface OwnCommand extends SentCommand {
  readonly sentMs: number | undefined;
}

/**
 * Returns the command of an earlier attempt, or sends the script.
 *
 * @param ids - what else the step must know about the command after a restart
 */
export async function sendOrFind(
  request: Omit<SendScriptOptions, "marker">,
  context: StepContext,
  ids: Readonly<Record<string, unknown>> = {},
): Promise<OwnCommand> {
  const { ssm, instanceIds, signal } = request;
  const earlier = await findOwnCommand(ssm, context, signal);
  if (earlier) {
    if (idOf(context.checkpoint, "commandId") === undefined) {
      await context.saveCheckpoint({ ...earlier });
    }
    const { sentMs } = context.checkpoint;
    return { ...earlier, sentMs: typeof sentMs === "number" ? sentMs : undefined };
  }
  const { sendScript } = await import("../../../services/ssm/send-script.ts");
  const marker = idOf(context.checkpoint, "marker") ?? randomUUID();
  // The log group is for the links of the running step.
  const sentMs = stepMs(context);
  await context.saveIntent({ marker, markedAt: Date.now(), sentMs, instanceIds, logGroup: request.logGroup, ...ids });
  const sent = await sendScript({ ...request, marker });
  await context.saveCheckpoint({ ...sent });
  return { ...sent, sentMs };
}

/** Cancels the command of the checkpoint, if there is one. For a run that has ended. */
export async function cancelOwnCommand(ssm: SSMClient, context: StepContext): Promise<void> {
  const command = await findOwnCommand(ssm, context, AbortSignal.timeout(UNDO_TIMEOUT_MS));
  if (command) {
    const { cancelCommand } = await import("../../../services/ssm/cancel-command.ts");
    await cancelCommand({ ssm, ...command });
  }
}

const UNDO_TIMEOUT_MS = 30_000;

/** How long the agent may take to report the end of a command that has exceeded its limit. */
export const AGENT_REPORT_GRACE_MS = 10 * 60_000;
