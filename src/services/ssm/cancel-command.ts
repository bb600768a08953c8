import type { SSMClient } from "@aws-sdk/client-ssm";
import { CancelCommandCommand } from "../../sdk/ssm.ts";
import { mapSsmError } from "./map-ssm-error.ts";

/** A cancellation is the last request of a step, which must not wait longer for it. */
const LIMIT_MS = 20_000;

/**
 * Requests the cancellation of a command. Best effort: the agent kills the process group of the script when it receives the request;
 * containers and processes outside the group keep running. Success does not mean that the script has ended: follow the command to know.
 *
 * @param of - without `instanceIds`, the command is canceled on all instances
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
