import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { SendCommandCommand } from "../../sdk/ssm.ts";
import { mapSsmError } from "./map-ssm-error.ts";

export interface ShutdownTimerOptions {
  readonly ssm: SSMClient;
  readonly instanceId: string;
  readonly signal: AbortSignal;
}

/** A command for the auto-stop timer of an instance that AWS has accepted; `followCommand` returns its result. */
export interface TimerCommand {
  readonly commandId: string;
  readonly instanceId: string;
  /** The command that runs on the instance. */
  readonly commandLine: string;
}

/** Short, so that the timer is not set on an instance that was stopped and started again meanwhile. */
const DELIVERY_SECONDS = 60;
/** The default of AWS; `shutdown` only schedules and returns at once. */
const EXECUTION_SECONDS = 3600;

/**
 * Sets the auto-stop timer of an instance, which shuts it down unless the timer is set again or removed before: `shutdown -h +N`. A later
 * call replaces the timer of an earlier one, so the request is idempotent and the SDK may retry it.
 *
 * The timer is stored in memory (`/run`): a stop removes it, a hibernation keeps it.
 *
 * @param timer - `minutes` is rounded up to whole minutes, at least 1
 * @returns the command, after AWS has accepted it
 * @throws PipelineError `SSM_REQUEST_INVALID`, `SSM_NOT_ONLINE`, `SSM_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export function armShutdown(timer: ShutdownTimerOptions & { readonly minutes: number }): Promise<TimerCommand> {
  const minutes = Math.max(1, Math.ceil(timer.minutes));
  return sendLine(timer, `shutdown -h +${minutes}`, "stops the instance unless it is renewed");
}

/**
 * Removes the auto-stop timer of an instance: `shutdown -c`. An instance without a timer is a success.
 *
 * @returns the command, after AWS has accepted it
 * @throws PipelineError like {@link armShutdown}
 */
export function disarmShutdown(timer: ShutdownTimerOptions): Promise<TimerCommand> {
  return sendLine(timer, "shutdown -c", "removed");
}

async function sendLine(
  { ssm, instanceId, signal }: ShutdownTimerOptions,
  commandLine: string,
  comment: string,
): Promise<TimerCommand> {
  const resource = `"${commandLine}" on instance ${instanceId}`;
  let commandId: string | undefined;
  try {
    const { Command } = await ssm.send(
      new SendCommandCommand({
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [instanceId],
        TimeoutSeconds: DELIVERY_SECONDS,
        Comment: `auto-stop timer: ${comment}`,
        Parameters: { commands: [commandLine], executionTimeout: [String(EXECUTION_SECONDS)] },
      }),
      { abortSignal: signal },
    );
    commandId = Command?.CommandId;
  } catch (error) {
    throw mapSsmError(signal.aborted ? signal.reason : error, { action: "ssm:SendCommand", resource });
  }
  if (!commandId) {
    throw new PipelineError(
      "AWS_SERVICE_FAILED",
      `The response of SSM to ${resource} contains no command id. Try again later.`,
      {
        retryable: true,
        details: { instanceId },
      },
    );
  }
  return { commandId, instanceId, commandLine };
}
