import { ListCommandsCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { mapSsmError } from "./map-ssm-error.ts";

/** A command that AWS has taken. */
export interface SentCommand {
  readonly commandId: string;
  readonly instanceIds: string[];
}

/** How far back to look, newest first: 250 commands of the instance. */
const PAGES = 5;

/**
 * Looks for a command by the marker in its comment: whether AWS took one whose answer never arrived, or that was sent before a crash.
 *
 * @param of - the marker that `sendScript` was given, and the instances that it was sent to (one at least)
 * @returns the command, or `undefined` when AWS lists none (yet: a new one may take seconds to show)
 * @throws PipelineError `SSM_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function findCommand(of: {
  ssm: SSMClient;
  marker: string;
  instanceIds: readonly string[];
  signal: AbortSignal;
}): Promise<SentCommand | undefined> {
  const { ssm, marker, instanceIds, signal } = of;
  const [InstanceId] = instanceIds;
  let NextToken: string | undefined;
  try {
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await ssm.send(
        new ListCommandsCommand({
          MaxResults: 50,
          ...(InstanceId !== undefined && { InstanceId }),
          ...(NextToken !== undefined && { NextToken }),
        }),
        { abortSignal: signal },
      );
      const found = answer.Commands?.find(({ Comment }) => Comment?.includes(marker));
      if (found?.CommandId) {
        return { commandId: found.CommandId, instanceIds: [...instanceIds] };
      }
      NextToken = answer.NextToken || undefined;
      if (NextToken === undefined) {
        break;
      }
    }
  } catch (error) {
    throw mapSsmError(error, { action: "ssm:ListCommands", resource: `commands of ${instanceIds.join(", ")}` });
  }
  return undefined;
}
