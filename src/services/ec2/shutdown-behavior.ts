import { DescribeInstanceAttributeCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { PipelineError } from "../../errors/pipeline-error.ts";
import { mapEc2Error } from "./map-ec2-error.ts";

/** What becomes of an instance that shuts itself down. */
export type ShutdownBehavior = "stop" | "terminate";

/**
 * Reads what a `shutdown` inside an instance would do to it: stop it (EC2's default), or destroy it with its disks.
 *
 * @throws PipelineError `EC2_ACCESS_DENIED` (naming `ec2:DescribeInstanceAttribute`), `EC2_INSTANCE_NOT_FOUND`, `AWS_*`, `ABORTED`
 */
export async function readShutdownBehavior(of: {
  ec2: EC2Client;
  instanceId: string;
  signal: AbortSignal;
}): Promise<ShutdownBehavior> {
  const { ec2, instanceId, signal } = of;
  const resource = `the shutdown behaviour of instance ${instanceId}`;
  let value: string | undefined;
  try {
    const answer = await ec2.send(
      new DescribeInstanceAttributeCommand({ InstanceId: instanceId, Attribute: "instanceInitiatedShutdownBehavior" }),
      { abortSignal: signal },
    );
    value = answer.InstanceInitiatedShutdownBehavior?.Value;
  } catch (error) {
    throw mapEc2Error(signal.aborted ? signal.reason : error, { action: "ec2:DescribeInstanceAttribute", resource });
  }
  if (value !== "stop" && value !== "terminate") {
    throw new PipelineError("AWS_SERVICE_FAILED", `EC2's answer does not say ${resource}. Check the endpoint.`, {
      retryable: true,
      details: { instanceId, value },
    });
  }
  return value;
}
