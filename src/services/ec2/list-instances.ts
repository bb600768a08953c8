import type { EC2Client } from "@aws-sdk/client-ec2";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { type PipelineError, toPipelineError } from "../../errors/pipeline-error.ts";
import { DescribeInstancesCommand } from "../../sdk/ec2.ts";
import { awsPages } from "../aws/aws-pages.ts";
import { type Listing, listing, MAX_LISTED } from "../listing.ts";
import { readAgents } from "../ssm/agents.ts";
import { type InstanceState, isGone, readInstance } from "./instance-state.ts";
import { mapEc2Error } from "./map-ec2-error.ts";

/** An instance of a list to choose from. */
export interface ListedInstance extends InstanceState {
  /** The last state of its SSM agent: `Online`, `ConnectionLost`, `Inactive`; absent if it has never registered, or was not requested. */
  readonly agent?: string;
}

/** The instances of a region, and the error of SSM if the states of the agents are missing. */
export interface ListedInstances extends Listing<ListedInstance> {
  readonly agentFault?: PipelineError;
}

/**
 * Lists the instances of the account's region by name, without terminated ones.
 *
 * @param options.ssm - for the agents of running instances; if SSM refuses, the instances are listed without them
 * @throws PipelineError `EC2_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function listInstances(options: {
  ec2: EC2Client;
  ssm: SSMClient;
  signal: AbortSignal;
}): Promise<ListedInstances> {
  const { items, more } = await findAll(options.ec2, options.signal);
  try {
    const running = items.filter(({ state }) => state === "running").map(({ instanceId }) => instanceId);
    const agents = running.length === 0 ? undefined : await readAgents(options.ssm, running, options.signal);
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
      ec2.send(new DescribeInstancesCommand({ MaxResults: MAX_LISTED, NextToken }), { abortSignal: signal }),
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
      if (found.length > MAX_LISTED) {
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
