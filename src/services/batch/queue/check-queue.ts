import type { BatchClient, ComputeEnvironmentDetail, JobQueueDetail } from "@aws-sdk/client-batch";
import { PipelineError } from "../../../errors/pipeline-error.ts";
import { DescribeComputeEnvironmentsCommand, DescribeJobQueuesCommand } from "../../../sdk/batch.ts";
import { mapBatchError } from "../map-batch-error.ts";
import { RecentResponses } from "./recent-responses.ts";

/** A compute environment of a queue. vCPUs are what Batch wants: an instance may still be shutting down. */
export interface EnvironmentReport {
  readonly name: string;
  readonly isUsable: boolean;
  /** Why it is not usable. */
  readonly reason?: string;
  readonly minVcpus: number;
  readonly desiredVcpus: number;
  readonly maxVcpus: number;
}

/** A queue with its compute environments, in the order in which it uses them. */
export interface QueueReport {
  readonly name: string;
  readonly hasShares: boolean;
  readonly environments: readonly EnvironmentReport[];
}

/** Capacity changes within seconds, and the report of a job waits for nothing newer. */
const recent = new RecentResponses<BatchClient, QueueReport>(10_000);

/**
 * Reads a queue and its compute environments, at most every ten seconds.
 *
 * @param queue - name or ARN
 * @throws PipelineError `BATCH_QUEUE_UNUSABLE` (no such queue, disabled, invalid), `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export function readQueue(batch: BatchClient, queue: string, signal: AbortSignal): Promise<QueueReport> {
  return recent.get(batch, queue, signal, (ownSignal) => requestQueue(batch, queue, ownSignal));
}

async function requestQueue(batch: BatchClient, queue: string, signal: AbortSignal): Promise<QueueReport> {
  const found = await describeQueue(batch, queue, signal);
  const { state, status, statusReason = "" } = found;
  if (state === "DISABLED" || status === "INVALID" || status === "DELETING" || status === "DELETED") {
    const what = state === "DISABLED" ? "is disabled, and takes no jobs" : `is ${status?.toLowerCase()}`;
    throw unusable(queue, `${what}. ${statusReason === "" ? "" : `AWS says: "${statusReason}". `}Enable or repair it.`);
  }
  const order = (found.computeEnvironmentOrder ?? []).toSorted((one, other) => (one.order ?? 0) - (other.order ?? 0));
  const names = order.flatMap(({ computeEnvironment }) => computeEnvironment ?? []);
  return {
    name: found.jobQueueName ?? queue,
    hasShares: found.schedulingPolicyArn !== undefined,
    environments: names.length === 0 ? [] : await readEnvironments(batch, names, signal),
  };
}

/**
 * Checks a queue before a job is submitted to it: Batch accepts jobs that no compute environment will ever run.
 *
 * @returns what is unusual, as sentences
 * @throws PipelineError `BATCH_QUEUE_UNUSABLE`, `BATCH_REQUEST_INVALID` for a share identifier that the queue does not want, and those of
 *   {@link readQueue}
 */
export async function checkQueue(options: {
  readonly batch: BatchClient;
  readonly queue: string;
  readonly shareIdentifier?: string | undefined;
  readonly signal: AbortSignal;
}): Promise<string[]> {
  const { name, hasShares, environments } = await readQueue(options.batch, options.queue, options.signal);
  if (hasShares !== (options.shareIdentifier !== undefined)) {
    throw new PipelineError(
      "BATCH_REQUEST_INVALID",
      hasShares
        ? `Queue ${name} has a scheduling policy, so each job needs a share identifier. Enter one in batch run.`
        : `Queue ${name} has no scheduling policy, so its jobs must not have a share identifier. Remove it from batch run.`,
    );
  }
  const broken = environments.filter(({ isUsable }) => !isUsable);
  const described = broken.map((one) => `${one.name}: ${one.reason}`).join("; ");
  if (environments.length > 0 && broken.length === environments.length) {
    throw unusable(name, `has no usable compute environment (${described}). Enable or repair one.`);
  }
  return [
    ...(broken.length > 0 ? [`Queue ${name} has compute environments that can't be used: ${described}.`] : []),
    ...environments
      .filter(({ minVcpus }) => minVcpus > 0)
      .map(
        (one) =>
          `Compute environment ${one.name} keeps ${one.minVcpus} vCPUs on even without jobs, which costs money. Set its minimum to 0.`,
      ),
  ];
}

async function describeQueue(batch: BatchClient, queue: string, abortSignal: AbortSignal): Promise<JobQueueDetail> {
  const request = { action: "batch:DescribeJobQueues", resource: `queue ${queue}` };
  const { jobQueues = [] } = await batch
    .send(new DescribeJobQueuesCommand({ jobQueues: [queue] }), { abortSignal })
    .catch((error: unknown) => {
      throw mapBatchError(error, request);
    });
  const [found] = jobQueues;
  if (!found) {
    throw unusable(queue, "does not exist in this region and account. Check its name, and the region of the account.");
  }
  return found;
}

async function readEnvironments(
  batch: BatchClient,
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<EnvironmentReport[]> {
  const request = { action: "batch:DescribeComputeEnvironments", resource: `compute environments ${names.join(", ")}` };
  const { computeEnvironments = [] } = await batch
    .send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: [...names] }), { abortSignal })
    .catch((error: unknown) => {
      throw mapBatchError(error, request);
    });
  return computeEnvironments.map(readEnvironment);
}

function readEnvironment(detail: ComputeEnvironmentDetail): EnvironmentReport {
  const {
    computeEnvironmentName: name = "",
    state,
    status,
    statusReason,
    computeResources = {},
  } = detail as Omit<ComputeEnvironmentDetail, "computeResources"> & {
    computeResources?: Partial<NonNullable<ComputeEnvironmentDetail["computeResources"]>>;
  };
  const { minvCpus: minVcpus = 0, desiredvCpus: desiredVcpus = 0, maxvCpus: maxVcpus = 0 } = computeResources;
  const fault = state === "DISABLED" ? "disabled" : status === "INVALID" ? (statusReason ?? "invalid") : undefined;
  return {
    name,
    isUsable: fault === undefined,
    ...(fault !== undefined && { reason: fault }),
    minVcpus,
    desiredVcpus,
    maxVcpus,
  };
}

function unusable(queue: string, what: string): PipelineError {
  return new PipelineError("BATCH_QUEUE_UNUSABLE", `Queue ${queue} ${what}`, { details: { queue } });
}
