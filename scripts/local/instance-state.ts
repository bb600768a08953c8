import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Sandbox } from "lightly-aws-sandbox";

/** The state of the sandbox's instance according to EC2. */
export async function instanceState({ region, credentials, endpoints, instanceId }: Sandbox): Promise<string> {
  const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  ec2.destroy();
  return Reservations?.[0]?.Instances?.[0]?.State?.Name ?? "unknown";
}
