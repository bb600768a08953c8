import type { EC2Client, Filter } from "@aws-sdk/client-ec2";
import { abortedError, PipelineError } from "../../errors/pipeline-error.ts";
import { SharedRequests, type WaitOptions } from "../../polling/shared-requests.ts";
import { DescribeInstancesCommand } from "../../sdk/ec2.ts";
import { awsPages } from "../aws/aws-pages.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { throttledByAws } from "../aws/errors/map-aws-error.ts";
import { type InstanceSelector, parseInstanceIds } from "./instance-selector.ts";
import { type InstanceState, readInstance } from "./instance-state.ts";
import { mapEc2Error } from "./map-ec2-error.ts";
import { forgetStart } from "./recent-starts.ts";

const ACTION = "ec2:DescribeInstances";
/** Ids per request; EC2 returns up to 1,000 instances without pages. */
const IDS_PER_REQUEST = 100;
const shared = new WeakMap<EC2Client, SharedRequests<InstanceState>>();

/**
 * Describes instances by id. Calls of the same moment through one client share a request, see {@link SharedRequests}.
 *
 * @returns the states in the order of the ids
 * @throws PipelineError `EC2_INSTANCE_NOT_FOUND`, `EC2_ACCESS_DENIED`, `AWS_*`, `ABORTED`; a response without one of the ids is a
 *   retryable `AWS_SERVICE_FAILED`, because EC2 refuses unknown ids
 */
export async function describeInstances(
  ec2: EC2Client,
  ids: readonly string[],
  signal: AbortSignal,
  wait?: WaitOptions,
): Promise<InstanceState[]> {
  const resource = nameInstances(ids);
  let requests = shared.get(ec2);
  if (!requests) {
    requests = shareDescriptions(ec2);
    shared.set(ec2, requests);
  }
  const found = new Map<string, InstanceState>();
  try {
    for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
      for (const [id, state] of await requests.get(ids.slice(at, at + IDS_PER_REQUEST), signal, wait)) {
        found.set(id, state);
        if (state.state !== "stopped") {
          forgetStart([id]);
        }
      }
    }
  } catch (error) {
    throw mapEc2Error(error, { action: ACTION, resource });
  }
  return ids.map((id) => {
    const state = found.get(id);
    if (!state) {
      throw new PipelineError(
        "AWS_SERVICE_FAILED",
        `The response of EC2 does not contain instance ${id}. Try again later.`,
        {
          retryable: true,
          details: { instanceId: id },
        },
      );
    }
    return state;
  });
}

/**
 * Finds the instances of a selector.
 *
 * @returns their states; with tags, without instances that are terminated or shutting down (EC2 lists those for an hour)
 * @throws PipelineError `EC2_INSTANCE_INVALID` (an empty selector), `EC2_INSTANCE_NOT_FOUND` (naming the ids or tags),
 *   `EC2_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function findInstances(
  ec2: EC2Client,
  select: InstanceSelector,
  signal: AbortSignal,
  wait?: WaitOptions,
): Promise<InstanceState[]> {
  if ("ids" in select) {
    return await describeInstances(ec2, parseInstanceIds(select.ids), signal, wait);
  }
  const filters = tagFilters(select.tags);
  const resource = `instances with the tags ${nameTags(select.tags)}`;
  const found: InstanceState[] = [];
  try {
    const pages = awsPages({
      action: ACTION,
      read: (NextToken?: string) =>
        ec2.send(new DescribeInstancesCommand({ Filters: filters, NextToken }), {
          abortSignal: signal,
        }),
      next: (page) => page.NextToken,
    });
    for await (const { Reservations } of pages) {
      for (const state of readReservations(Reservations)) {
        found.push(state);
      }
    }
  } catch (error) {
    throw signal.aborted ? abortedError(signal.reason) : mapEc2Error(error, { action: ACTION, resource });
  }
  if (found.length === 0) {
    throw new PipelineError(
      "EC2_INSTANCE_NOT_FOUND",
      `No instance has the tags ${nameTags(select.tags)} in this region and account (except terminated ones). Check the tags and the region of the account.`,
      { details: { tags: select.tags } },
    );
  }
  return found;
}

/** Instances as part of a sentence: `instance i-...`, `instances i-..., i-...`. */
export function nameInstances(ids: readonly string[]): string {
  const shown = ids.slice(0, 5).join(", ");
  return ids.length === 1
    ? `instance ${shown}`
    : `instances ${shown}${ids.length > 5 ? ` and ${ids.length - 5} more` : ""}`;
}

function shareDescriptions(ec2: EC2Client): SharedRequests<InstanceState> {
  return new SharedRequests({
    limit: IDS_PER_REQUEST,
    isOneKeysFault: (error) => readAwsError(error).name.startsWith("InvalidInstanceID"),
    throttledFor: throttledByAws,
    request: async (ids, abortSignal) => {
      const response = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [...ids] }), { abortSignal });
      return new Map(readReservations(response.Reservations).map((state) => [state.instanceId, state]));
    },
  });
}

function readReservations(
  reservations: ReadonlyArray<{ Instances?: Parameters<typeof readInstance>[0][] | undefined }> | undefined,
): InstanceState[] {
  return (reservations ?? []).flatMap(({ Instances }) => (Instances ?? []).flatMap((one) => readInstance(one) ?? []));
}

function tagFilters(tags: Readonly<Record<string, string>>): Filter[] {
  const entries = Object.entries(tags);
  if (entries.length === 0 || entries.some(([key]) => key.trim() === "")) {
    throw new PipelineError("EC2_INSTANCE_INVALID", "No instance is selected. Enter at least one tag with a key.");
  }
  return [
    ...entries.map(([key, value]) => ({ Name: `tag:${key}`, Values: [literal(value)] })),
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
  ];
}

/** Escapes the wildcards `*` and `?`, and `\`, of filter values: a tag matches literally. */
function literal(value: string): string {
  return value.replace(/[\\*?]/g, "\\$&");
}

function nameTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
