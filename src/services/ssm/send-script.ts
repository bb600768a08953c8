import { randomUUID } from "node:crypto";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { growingDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import { SendCommandCommand } from "../../sdk/ssm.ts";
import { sendOnce, UncertainSendError } from "../aws/clients/send-once.ts";
import { type CommandLimits, commandInput, type RateControls } from "./command-input.ts";
import { findCommand, LISTS_COMMANDS_WITHIN_MS, type SentCommand } from "./find-command.ts";
import { mapSsmError } from "./map-ssm-error.ts";
import type { CommandWork } from "./script-command.ts";

export interface SendScriptOptions extends CommandWork, CommandLimits, RateControls {
  readonly ssm: SSMClient;
  /** 1 to 50 instances. */
  readonly instanceIds: readonly string[];
  /** Absolute; if absent, the path of the script must be absolute. */
  readonly workingDirectory?: string;
  /** Shown in the AWS console; shortened to leave space for the marker (100 characters in total). */
  readonly comment?: string;
  /** Part of the comment, to find the command later; 8 to 40 letters, digits and `-`. Default: a random one. */
  readonly marker?: string;
  /** Where the instance writes the complete stdout and stderr at the end, with its own role. */
  readonly output?: { readonly bucket: string; readonly prefix?: string };
  /** The CloudWatch log group to which the instance writes the output while the script runs, with its own role. */
  readonly logGroup?: string;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** SSM may refuse commands for a moment after the agent of an instance became Online. */
const ACCEPTS_COMMANDS_WITHIN_MS = 60_000;

/**
 * Sends a script to instances, once: if it is unknown whether a command was accepted, it is searched by its marker and never sent again.
 * An abort has an effect only before the command is sent; a command that was sent is always returned, so that the caller can cancel it.
 *
 * @returns the id of the command; save it before anything else
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
      const { Command } = await sendOnce(new SendCommandCommand(input), checkSignal, (command, options) =>
        ssm.send(command, options),
      );
      if (!Command?.CommandId) {
        throw new UncertainSendError(new Error("The response contains no command id."));
      }
      return { done: { commandId: Command.CommandId, instanceIds: [...instanceIds] } };
    } catch (error) {
      if (error instanceof UncertainSendError) {
        return { done: await findUncertain(request, { marker, resource, error, clock }) };
      }
      refusal = mapSsmError(error, { action: "ssm:SendCommand", resource });
      if (refusal.code === "SSM_NOT_ONLINE") {
        return { wait: "refused by SSM, which does not accept commands for it yet" };
      }
      throw refusal;
    }
  };
  try {
    return await pollUntil({
      goal: `SSM to accept ${resource}`,
      check,
      delay: growingDelay({ firstMs: 1000, limitMs: 8000 }),
      timeoutMs: ACCEPTS_COMMANDS_WITHIN_MS,
      // An aborted check would leave a command whose id is lost; `sendOnce` has its own limits.
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
      goal: `the command with the marker ${marker} to be listed by SSM`,
      check: async (checkSignal) => {
        const found = await findCommand({ ssm, marker, instanceIds, signal: checkSignal });
        return found ? { done: found } : { wait: "not in the list" };
      },
      delay: growingDelay({ firstMs: 1000, limitMs: 4000 }),
      timeoutMs: LISTS_COMMANDS_WITHIN_MS,
      signal,
      clock,
    });
  } catch (searchError) {
    const why = mapSsmError(sent.error.original, { action: "ssm:SendCommand", resource });
    const wasAnswered =
      searchError instanceof PipelineError && searchError.code === "TIMED_OUT" && searchError.cause === undefined;
    const searched = wasAnswered
      ? "SSM does not list it, but may do so later"
      : "the search for it failed (it requires the action ssm:ListCommands)";
    throw new PipelineError(
      "SSM_SEND_UNCERTAIN",
      `The connection broke while ${resource} was being sent: it may be running, and ${searched}. Search the history of Run Command for "${marker}" before you run the step again.`,
      { details: { marker, instanceIds, reason: why.message }, cause: why },
    );
  }
}
