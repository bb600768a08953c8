import type { HostPool } from "../capacity/host-pool.ts";
import type { Job } from "./job.ts";

/** Why the first job of a queue does not get an instance from any of the queue's environments; `undefined` if it only has to wait. */
export function blockedReason({ request }: Job, pools: readonly HostPool[]): string | undefined {
  const { container } = request;
  if (pools.every(({ environment }) => environment.status === "INVALID")) {
    return "ACTION_REQUIRED - CE(s) associated with the job queue are invalid.";
  }
  if (pools.every((pool) => pool.typeFor(container) === undefined)) {
    const most = Math.max(...pools.map(({ environment }) => environment.computeResources.maxvCpus));
    return container.vcpus > most
      ? "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU requirement of the job."
      : "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.";
  }
  const short = pools.find((pool) => pool.lacksCapacity);
  if (short !== undefined) {
    const type = short.typeFor(container)?.name ?? short.environment.computeResources.instanceTypes.join(", ");
    return `CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [${type}]`;
  }
  return pools.some((pool) => pool.isMute)
    ? "UNDETERMINED - Batch job is blocked, root cause is undetermined."
    : undefined;
}
