import type { SSMClient } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { SharedRequests, type WaitOptions } from "../../polling/shared-requests.ts";
import { DescribeInstanceInformationCommand } from "../../sdk/ssm.ts";
import { awsPages } from "../aws/aws-pages.ts";
import { throttledByAws } from "../aws/errors/map-aws-error.ts";
import { AGENT_HINT, mapSsmError } from "./map-ssm-error.ts";

/** The SSM agent of an instance, as AWS last heard from it. */
export class Agent {
  readonly pingStatus: string;
  /** Milliseconds since 1970 by the clock of AWS, 0 if unknown. */
  readonly lastPingAt: number;

  constructor(pingStatus: string, lastPingAt: number) {
    this.pingStatus = pingStatus;
    this.lastPingAt = lastPingAt;
  }

  /** Whether it is Online with a ping at or after `moment`; AWS keeps Online for a while after a stop. */
  isOnlineSince(moment: number): boolean {
    return this.pingStatus === "Online" && this.lastPingAt >= moment;
  }
}

/** One page of results; AWS accepts up to 100 ids in a filter. */
const IDS_PER_REQUEST = 50;
const shared = new WeakMap<SSMClient, SharedRequests<Agent>>();

/**
 * Reads the SSM agents of instances. Calls of the same moment through one client share a request, see {@link SharedRequests}.
 *
 * @returns the agents by instance id; stopped instances, and those that never registered, are absent
 * @throws PipelineError `SSM_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function readAgents(
  ssm: SSMClient,
  ids: readonly string[],
  signal: AbortSignal,
  wait?: WaitOptions,
): Promise<ReadonlyMap<string, Agent>> {
  let requests = shared.get(ssm);
  if (!requests) {
    requests = new SharedRequests({
      limit: IDS_PER_REQUEST,
      isOneKeysFault: (error) => error instanceof Error && error.name === "InvalidInstanceId",
      throttledFor: throttledByAws,
      request: (keys, abortSignal) => requestAgents(ssm, keys, abortSignal),
    });
    shared.set(ssm, requests);
  }
  const agents = new Map<string, Agent>();
  try {
    for (let at = 0; at < ids.length; at += IDS_PER_REQUEST) {
      for (const [id, agent] of await requests.get(ids.slice(at, at + IDS_PER_REQUEST), signal, wait)) {
        agents.set(id, agent);
      }
    }
  } catch (error) {
    throw mapSsmError(error, { action: "ssm:DescribeInstanceInformation", resource: `agents of ${ids.join(", ")}` });
  }
  return agents;
}

/** The error of running instances whose agents did not report within the limit. */
export function notOnlineError(timedOut: PipelineError, ids: readonly string[]): PipelineError {
  return new PipelineError("SSM_NOT_ONLINE", `${timedOut.message} ${AGENT_HINT}`, {
    details: { ...timedOut.details, instanceIds: ids },
    cause: timedOut,
  });
}

async function requestAgents(
  ssm: SSMClient,
  ids: readonly string[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<string, Agent>> {
  const agents = new Map<string, Agent>();
  const pages = awsPages({
    action: "ssm:DescribeInstanceInformation",
    read: (NextToken?: string) =>
      ssm.send(
        new DescribeInstanceInformationCommand({
          Filters: [{ Key: "InstanceIds", Values: [...ids] }],
          MaxResults: IDS_PER_REQUEST,
          NextToken,
        }),
        { abortSignal },
      ),
    next: (page) => page.NextToken,
  });
  for await (const { InstanceInformationList = [] } of pages) {
    for (const { InstanceId, PingStatus, LastPingDateTime } of InstanceInformationList) {
      if (InstanceId !== undefined) {
        agents.set(InstanceId, new Agent(PingStatus ?? "unknown", LastPingDateTime?.getTime() ?? 0));
      }
    }
  }
  return agents;
}
