import type { SSMClient } from "@aws-sdk/client-ssm";
import type { Clock } from "../../polling/clock.ts";
import { searchUntilListed } from "../../polling/search-until-listed.ts";
import { ListCommandsCommand } from "../../sdk/ssm.ts";
import { mapSsmError } from "./map-ssm-error.ts";

/** A command that AWS has accepted. */
export interface SentCommand {
  readonly commandId: string;
  readonly instanceIds: string[];
}

/** How many pages to search, newest first: 250 commands of the instance. */
const PAGES = 5;

/**
 * Finds a command by the marker in its comment: one whose response never arrived, or that was sent before a crash.
 *
 * @param of - the marker of `sendScript`, and the instances that the command was sent to (at least one)
 * @returns the command, or `undefined` if AWS lists none (a new one may be listed only after seconds)
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
      const response = await ssm.send(
        new ListCommandsCommand({
          MaxResults: 50,
          InstanceId,
          NextToken,
        }),
        { abortSignal: signal },
      );
      const found = response.Commands?.find(({ Comment }) => Comment?.includes(marker));
      if (found?.CommandId) {
        return { commandId: found.CommandId, instanceIds: [...instanceIds] };
      }
      NextToken = response.NextToken || undefined;
      if (NextToken === undefined) {
        break;
      }
    }
  } catch (error) {
    throw mapSsmError(error, { action: "ssm:ListCommands", resource: `commands of ${instanceIds.join(", ")}` });
  }
  return undefined;
}

/** ListCommands may list a new command only after some seconds. */
export const LISTS_COMMANDS_WITHIN_MS = 15_000;

/**
 * Finds a command that may have been sent before a crash. Repeats the search until a command that was sent at `markedAt` must be listed,
 * or for that long if the date was set back meanwhile.
 *
 * @param of.markedAt - when the marker was recorded, in milliseconds since 1970; nothing was sent before
 * @returns the command, or `undefined` if none was sent
 * @throws PipelineError `SSM_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function findEarlierCommand(of: {
  ssm: SSMClient;
  marker: string;
  markedAt: number;
  instanceIds: readonly string[];
  signal: AbortSignal;
  clock: Clock;
}): Promise<SentCommand | undefined> {
  const { markedAt: since, clock, signal } = of;
  return await searchUntilListed({
    find: () => findCommand(of),
    since,
    withinMs: LISTS_COMMANDS_WITHIN_MS,
    clock,
    signal,
  });
}
