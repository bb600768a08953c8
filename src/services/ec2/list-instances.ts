import { DescribeInstancesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { awsPages } from "../aws/aws-pages.ts";
import { LISTED_AT_MOST, type Listing, listing } from "../listing.ts";
import { readAgents } from "../ssm/agents.ts";
import { type InstanceState, isGone, readInstance } from "./instance-state.ts";
import { mapEc2Error } from "./map-ec2-error.ts";

/** An instance as somebody chooses it. */
export interface ListedInstance extends InstanceState {
  /** What SSM last heard of its agent: `Online`, `ConnectionLost`, `Inactive`; absent when it never heard of one, or was not asked. */
  readonly agent?: string;
}

/** The instances of a region, and why SSM's part is missing, if it is. */
export interface ListedInstances extends Listing<ListedInstance> {
  readonly agentFault?: PipelineError;
}

/**
 * The instances of the account's region, by name. Those that are gone for good are left out.
 *
 * @param o.ssm - asked how the agents of those that run are; when it refuses, the instances come without
 * @throws PipelineError `EC2_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function listInstances(o: {
  ec2: EC2Client;
  ssm: SSMClient;
  signal: AbortSignal;
}): Promise<ListedInstances> {
  const { items, more } = await findAll(o.ec2, o.signal);
  try {
    const running = items.filter(({ state }) => state === "running").map(({ instanceId }) => instanceId);
    const agents = running.length === 0 ? undefined : await readAgents(o.ssm, running, o.signal);
    const withAgents = items.map((instance) => {
      const agent = agents?.get(instance.instanceId)?.pingStatus;
      return agent === undefined ? instance : { ...instance, agent };
    });
    return { items: withAgents, more };
  } catch (error) {
    return { items, more, agentFault: toPipelineError(error) };
  }
}

async function findAll(ec2: EC2Client, signal: AbortSignal): Promise<Listing<InstanceState>> {
  const found: InstanceState[] = [];
  let more = false;
  const pages = awsPages({
    action: "ec2:DescribeInstances",
    read: (NextToken?: string) =>
      ec2.send(new DescribeInstancesCommand({ MaxResults: LISTED_AT_MOST, NextToken }), { abortSignal: signal }),
    next: (page) => page.NextToken,
  });
  try {
    for await (const { Reservations = [], NextToken = "" } of pages) {
      const instances = Reservations.flatMap(({ Instances = [] }) =>
        Instances.flatMap((one) => readInstance(one) ?? []),
      );
      for (const instance of instances.filter((one) => !isGone(one))) {
        found.push(instance);
      }
      more = NextToken !== "";
      if (found.length > LISTED_AT_MOST) {
        break;
      }
    }
  } catch (error) {
    throw mapEc2Error(error, { action: "ec2:DescribeInstances", resource: "instances" });
  }
  const byName = (a: InstanceState, b: InstanceState): number =>
    (a.name ?? "").localeCompare(b.name ?? "") || a.instanceId.localeCompare(b.instanceId);
  return listing(found.sort(byName), more);
}
