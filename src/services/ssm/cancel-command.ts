import { CancelCommandCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { mapSsmError } from "./map-ssm-error.ts";

/** A cancel is asked for when everything else is over: nobody waits longer than this for it. */
const LIMIT_MS = 20_000;

/**
 * Asks AWS to cancel a command. Best effort: the agent kills the script's process group when it hears of it; containers and what
 * has left the group go on. Success does not mean that anything has stopped: follow the command to see.
 *
 * @param of - without `instanceIds`, the command is canceled everywhere
 * @throws PipelineError `SSM_REQUEST_INVALID` (no such command), `SSM_ACCESS_DENIED`, `AWS_*` (`AWS_UNREACHABLE` after 20 s)
 */
export async function cancelCommand(of: {
  ssm: SSMClient;
  commandId: string;
  instanceIds?: readonly string[];
}): Promise<void> {
  const { ssm, commandId, instanceIds } = of;
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    await ssm.send(new CancelCommandCommand({ CommandId: commandId, InstanceIds: instanceIds && [...instanceIds] }), {
      abortSignal: limit,
    });
  } catch (error) {
    throw mapSsmError(limit.aborted ? limit.reason : error, {
      action: "ssm:CancelCommand",
      resource: `command ${commandId}`,
    });
  }
}
