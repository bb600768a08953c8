import { ACCOUNT_ID } from "../../aws/aws-service.ts";

/** The ARN of a resource of Batch, such as `job/ID` or `job-queue/NAME`. */
export function batchArn(region: string, resource: string): string {
  return `arn:aws:batch:${region}:${ACCOUNT_ID}:${resource}`;
}

/** The ARN of a resource of the cluster that belongs to an environment. */
export function ecsArn(region: string, resource: string): string {
  return `arn:aws:ecs:${region}:${ACCOUNT_ID}:${resource}`;
}
