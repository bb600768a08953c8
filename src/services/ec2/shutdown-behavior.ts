import type { EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { DescribeInstanceAttributeCommand } from "../../sdk/ec2.ts";
import { mapEc2Error } from "./map-ec2-error.ts";

/** What EC2 does with an instance that shuts itself down. */
export type ShutdownBehavior = "stop" | "terminate";

/**
 * Reads the effect of a `shutdown` inside an instance: it stops (the default of EC2), or is terminated with its disks.
 *
 * @throws PipelineError `EC2_ACCESS_DENIED` (naming `ec2:DescribeInstanceAttribute`), `EC2_INSTANCE_NOT_FOUND`, `AWS_*`, `ABORTED`
 */
export async function readShutdownBehavior(of: {
  ec2: EC2Client;
  instanceId: string;
  signal: AbortSignal;
}): Promise<ShutdownBehavior> {
  const { ec2, instanceId, signal } = of;
  const resource = `the shutdown behavior of instance ${instanceId}`;
  let value: string | undefined;
  try {
    const response = await ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: "instanceInitiatedShutdownBehavior" }),
      { abortSignal: signal },
    );
    value = response.InstanceInitiatedShutdownBehavior?.Value;
  } catch (error) {
    throw mapEc2Error(signal.aborted ? signal.reason : error, { action: "ec2:DescribeInstanceAttribute", resource });
  }
  if (value !== "stop" && value !== "terminate") {
    throw new PipelineError(
      "AWS_SERVICE_FAILED",
      `The response of EC2 does not contain ${resource}. Check the endpoint.`,
      {
        retryable: true,
        details: { instanceId, value },
      },
    );
  }
  return value;
}
