import type { BatchClient } from "@aws-sdk/client-batch";
import { readQueue } from "./check-queue.ts";

/** What the compute environments of a queue want to keep on. */
export interface CapacityLeft {
  /** vCPUs that Batch wants now, of all environments of the queue; it takes minutes after the last job to want none. */
  readonly desiredVcpus: number;
  /** vCPUs that are never switched off. */
  readonly minVcpus: number;
  readonly isAtZero: boolean;
}

/**
 * Reads whether a queue's compute environments are at zero. Batch alone switches its instances off, and jobs of other users of the queue keep
 * them on: this is a report, and no failure.
 *
 * @throws PipelineError `BATCH_QUEUE_UNUSABLE`, `BATCH_ACCESS_DENIED`, `AWS_*`, `ABORTED`
 */
export async function capacityLeft(batch: BatchClient, queue: string, signal: AbortSignal): Promise<CapacityLeft> {
  const { environments } = await readQueue(batch, queue, signal);
  const sum = (key: "desiredVcpus" | "minVcpus"): number => environments.reduce((total, one) => total + one[key], 0);
  const desiredVcpus = sum("desiredVcpus");
  return { desiredVcpus, minVcpus: sum("minVcpus"), isAtZero: desiredVcpus === 0 };
}
