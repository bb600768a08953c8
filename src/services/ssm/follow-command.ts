import type { SSMClient } from "@aws-sdk/client-ssm";
import { type Clock, systemClock } from "../../polling/clock.ts";
import { eagerDelay } from "../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../polling/poll-until.ts";
import type { WakeUp } from "../../polling/wake-up.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { type CommandReport, hasStarted, isFinal } from "./command-report.ts";
import { mapSsmError } from "./map-ssm-error.ts";
import { readCommand } from "./read-command.ts";

/** Times in milliseconds. */
export interface FollowCommandOptions {
  readonly ssm: SSMClient;
  readonly commandId: string;
  readonly instanceId: string;
  /** `running`: until an agent has received it (or it has ended already); `ended`: until its end. */
  readonly until: "running" | "ended";
  readonly timeoutMs: number;
  /** How long the wait has lasted already. Default: 0. */
  readonly waitedMs?: number;
  /** Longest delay between two checks; the first ones are shorter. */
  readonly pollMs: number;
  readonly wakeUp?: WakeUp;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called when the status or its details change. */
  readonly onState?: (report: CommandReport) => void;
}

/** For a second or two after it has accepted a command, AWS returns InvocationDoesNotExist. */
const APPEARS_WITHIN_MS = 60_000;

/**
 * Waits for a command on one instance to run or to end.
 *
 * @returns the report, even of a script that failed, timed out or was not delivered
 * @throws PipelineError only if the result can't be known: `SSM_REQUEST_INVALID` (no such command for a minute), `SSM_ACCESS_DENIED`,
 *   `AWS_*`, `TIMED_OUT` or `ABORTED` (neither cancels the command)
 */
export async function followCommand(request: FollowCommandOptions): Promise<CommandReport> {
  const { commandId, instanceId, until, timeoutMs, waitedMs, pollMs, wakeUp, signal, onState } = request;
  const { clock = systemClock } = request;
  const startedAt = clock.now();
  const isReached = until === "ended" ? isFinal : hasStarted;
  let last = "";
  return await pollUntil({
    goal: `command ${commandId} on ${instanceId} to ${until === "ended" ? "end" : "run"}`,
    check: async (checkSignal): Promise<PollResult<CommandReport>> => {
      const isNew = clock.now() - startedAt < APPEARS_WITHIN_MS;
      const report = await readIfListed({ ...request, signal: checkSignal }, isNew);
      if (!report) {
        return { wait: "not known to SSM yet" };
      }
      const state = `${report.status} ${report.statusDetails}`;
      if (state !== last) {
        last = state;
        onState?.(report);
      }
      return isReached(report.status) ? { done: report } : { wait: report.status };
    },
    delay: eagerDelay(pollMs),
    timeoutMs,
    waitedMs,
    signal,
    clock,
    wakeUp,
  });
}

async function readIfListed(
  { ssm, commandId, instanceId, pollMs, clock, signal }: FollowCommandOptions,
  mayBeMissing: boolean,
): Promise<CommandReport | undefined> {
  try {
    return await readCommand(ssm, { commandId, instanceId }, signal, { everyMs: pollMs, clock });
  } catch (error) {
    if (mayBeMissing && readAwsError(error).name === "InvocationDoesNotExist") {
      return undefined;
    }
    throw mapSsmError(error, {
      action: "ssm:GetCommandInvocation",
      resource: `command ${commandId} on instance ${instanceId}`,
    });
  }
}
