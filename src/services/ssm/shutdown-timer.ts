import { SendCommandCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { mapSsmError } from "./map-ssm-error.ts";

/** What {@link armShutdown} and {@link disarmShutdown} need. */
export interface ShutdownTimerOptions {
  readonly ssm: SSMClient;
  readonly instanceId: string;
  readonly signal: AbortSignal;
}

/** A command about an instance's shutdown timer that AWS has taken; how it ends, `followCommand` tells. */
export interface TimerCommand {
  readonly commandId: string;
  readonly instanceId: string;
  /** What runs on the instance. */
  readonly commandLine: string;
}

/** Short, so that a timer meant for now is not set on an instance that was stopped and started again meanwhile. */
const DELIVERY_SECONDS = 60;
/** `shutdown` plans and returns at once; this is only what AWS takes when nothing is said. */
const EXECUTION_SECONDS = 3600;

/**
 * Has an instance shut itself down in so many minutes, unless it is armed again or disarmed before: `shutdown -h +N`. A later call
 * replaces the plan of an earlier one, so sending it twice does no harm, and the SDK may try it as often as it likes.
 *
 * The plan is kept in memory (`/run`): a stop forgets it, a hibernation keeps it.
 *
 * @param timer - `minutes` is rounded up to whole ones, at least 1
 * @returns the command, once AWS has taken it
 * @throws PipelineError `SSM_REQUEST_INVALID`, `SSM_NOT_ONLINE`, `SSM_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export function armShutdown(timer: ShutdownTimerOptions & { readonly minutes: number }): Promise<TimerCommand> {
  const minutes = Math.max(1, Math.ceil(timer.minutes));
  return sendLine(timer, `shutdown -h +${minutes}`, "stops by itself unless this is renewed");
}

/**
 * Takes a planned shutdown of an instance back: `shutdown -c`. One that has none is a success.
 *
 * @returns the command, once AWS has taken it
 * @throws PipelineError as {@link armShutdown}
 */
export function disarmShutdown(timer: ShutdownTimerOptions): Promise<TimerCommand> {
  return sendLine(timer, "shutdown -c", "no longer stops by itself");
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
    throw new PipelineError("AWS_SERVICE_FAILED", `SSM's answer to ${resource} holds no command id.`, {
      retryable: true,
      details: { instanceId },
    });
  }
  return { commandId, instanceId, commandLine };
}
