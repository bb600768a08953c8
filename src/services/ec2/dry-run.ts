import type { EC2Client } from "@aws-sdk/client-ec2";
import { StartInstancesCommand, StopInstancesCommand } from "../../sdk/ec2.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import { nameInstances } from "./describe-instances.ts";
import { mapEc2Error } from "./map-ec2-error.ts";

/**
 * Asks EC2 whether instances may be started or stopped, with `DryRun`: EC2 checks the permission and does nothing.
 *
 * @throws PipelineError `EC2_ACCESS_DENIED`, `EC2_INSTANCE_NOT_FOUND`, `AWS_*`, `ABORTED`
 */
export async function dryRun(options: {
  readonly ec2: EC2Client;
  readonly action: "start" | "stop";
  readonly instanceIds: readonly string[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const { ec2, action, instanceIds, signal } = options;
  const input = { InstanceIds: [...instanceIds], DryRun: true };
  try {
    await (action === "start"
      ? ec2.send(new StartInstancesCommand(input), { abortSignal: signal })
      : ec2.send(new StopInstancesCommand(input), { abortSignal: signal }));
  } catch (error) {
    // The response to a permitted dry run is an error too.
    if (readAwsError(error).name !== "DryRunOperation") {
      const name = action === "start" ? "ec2:StartInstances" : "ec2:StopInstances";
      throw mapEc2Error(error, { action: name, resource: nameInstances(instanceIds) });
    }
  }
}
