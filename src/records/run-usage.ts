import { type ContainerUse, containerUses } from "./container-use.ts";
import { type InstanceUse, instanceUses } from "./instance-use.ts";
import type { RunRecord } from "./run-record.ts";

/** What a run has used. */
export interface RunUsage {
  readonly instances: readonly InstanceUse[];
  /** The jobs of AWS Batch that have ended. */
  readonly containers: readonly ContainerUse[];
  /** The number of requests by service: `{ s3: 7, ec2: 12 }`. */
  readonly requests: Readonly<Record<string, number>>;
}

/** @param now - for a run that has not ended, in milliseconds since 1970 */
export function runUsage(run: RunRecord, now: number): RunUsage {
  return { instances: instanceUses(run, now), containers: containerUses(run), requests: requestsByService(run) };
}

/** The sum over the steps of a run. A request that several steps share counts for one of them. */
export function requestsByService({ steps }: Pick<RunRecord, "steps">): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [service, count] of steps.flatMap(({ requests = {} }) => Object.entries(requests))) {
    sums[service] = (sums[service] ?? 0) + count;
  }
  return sums;
}
