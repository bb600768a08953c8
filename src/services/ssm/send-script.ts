import { randomUUID } from "node:crypto";
import { SendCommandCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { growingDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { type CommandLimits, commandInput } from "./command-input.ts";
import { findCommand, type SentCommand, SHOWS_COMMANDS_WITHIN_MS } from "./find-command.ts";
import { mapSsmError } from "./map-ssm-error.ts";
import type { CommandWork } from "./script-command.ts";
import { sendCommandOnce, UncertainSendError } from "./send-command-once.ts";

/** What {@link sendScript} takes. */
export interface SendScriptOptions extends CommandWork, CommandLimits {
  readonly ssm: SSMClient;
  /** 1 to 50 instances. */
  readonly instanceIds: readonly string[];
  /** Absolute; without it, the script's path must be absolute. */
  readonly workingDirectory?: string;
  /** Shown in the AWS console; cut to leave room for the marker (100 characters in all). */
  readonly comment?: string;
  /** Goes into the comment, to find the command again; 8 to 40 letters, digits and `-`. Default: a random one. */
  readonly marker?: string;
  /** Where the instance's role writes the whole of stdout and stderr at the end. */
  readonly output?: { readonly bucket: string; readonly prefix?: string };
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** SSM may refuse an instance for a moment after its agent came Online. */
const TAKES_COMMANDS_WITHIN_MS = 60_000;

/**
 * Sends a script to instances, once: a command whose fate is unknown is looked for by its marker and never sent a second time.
 * An abort takes effect before sending only; a command that was sent is always returned, so that the caller can cancel it.
 *
 * @returns the command's id; save it before anything else
 * @throws PipelineError `SSM_REQUEST_INVALID` (before anything is sent, or SSM's refusal), `SSM_NOT_ONLINE` (SSM refuses the instance
 *   for a minute), `SSM_SEND_UNCERTAIN`, `SSM_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function sendScript(request: SendScriptOptions): Promise<SentCommand> {
  const { ssm, instanceIds, signal, marker = randomUUID(), clock = systemClock } = request;
  const input = commandInput({ ...request, marker });
  const resource = `${request.script} on ${instanceIds.join(", ")}`;
  let refusal: PipelineError | undefined;

  const check = async (checkSignal: AbortSignal): Promise<PollResult<SentCommand>> => {
    try {
      const { Command } = await sendCommandOnce(ssm, new SendCommandCommand(input), checkSignal);
      if (!Command?.CommandId) {
        throw new UncertainSendError(new Error("The answer holds no command id."));
      }
      return { done: { commandId: Command.CommandId, instanceIds: [...instanceIds] } };
    } catch (error) {
      if (error instanceof UncertainSendError) {
        return { done: await findUncertain(request, { marker, resource, error, clock }) };
      }
      refusal = mapSsmError(error, { action: "ssm:SendCommand", resource });
      if (refusal.code === "SSM_NOT_ONLINE") {
        return { wait: "refused by SSM, which does not take commands for it yet" };
      }
      throw refusal;
    }
  };
  try {
    return await pollUntil({
      goal: `SSM to take ${resource}`,
      check,
      delay: growingDelay({ firstMs: 1000, limitMs: 8000 }),
      timeoutMs: TAKES_COMMANDS_WITHIN_MS,
      // Cut off, it would leave a command whose id is lost; `sendCommandOnce` has limits of its own.
      finishChecks: true,
      signal,
      clock,
    });
  } catch (error) {
    throw error instanceof PipelineError && error.code === "TIMED_OUT" ? (refusal ?? error) : error;
  }
}

async function findUncertain(
  { ssm, instanceIds }: SendScriptOptions,
  sent: { marker: string; resource: string; error: UncertainSendError; clock: Clock },
): Promise<SentCommand> {
  const { marker, resource, clock } = sent;
  const signal = new AbortController().signal;
  try {
    return await pollUntil<SentCommand>({
      goal: `the command marked ${marker} to show in SSM's list`,
      check: async (checkSignal) => {
        const found = await findCommand({ ssm, marker, instanceIds, signal: checkSignal });
        return found ? { done: found } : { wait: "not in the list" };
      },
      delay: growingDelay({ firstMs: 1000, limitMs: 4000 }),
      timeoutMs: SHOWS_COMMANDS_WITHIN_MS,
      signal,
      clock,
    });
  } catch (lookError) {
    const why = mapSsmError(sent.error.original, { action: "ssm:SendCommand", resource });
    const wasAnswered =
      lookError instanceof PipelineError && lookError.code === "TIMED_OUT" && lookError.cause === undefined;
    const looked = wasAnswered
      ? "SSM does not list it, but may do so later"
      : "it could not be looked for (that needs the action ssm:ListCommands, and an answer)";
    throw new PipelineError(
      "SSM_SEND_UNCERTAIN",
      `The connection broke while ${resource} was being sent: it may run or not, and ${looked}. Look in Run Command's history for "${marker}" before you send it again.`,
      { details: { marker, instanceIds, reason: why.message }, cause: why },
    );
  }
}
