import { type Listing, listing } from "../../listing.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { parseWorkers, type Worker } from "../client/responses.ts";

/** A label, and the workers with this label. */
export interface WorkerLabel {
  readonly label: string;
  /** The names of the workers. */
  readonly workers: readonly string[];
}

/**
 * Lists the workers that are registered with the token, sorted by name. The request is not retried.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function listWorkers(client: LightlyClient, signal: AbortSignal): Promise<Listing<Worker>> {
  const response = await client.request({ method: "GET", path: "/v1/docker/worker", attempts: 1, signal });
  return listing(parseWorkers(response).sort((a, b) => a.name.localeCompare(b.name)));
}

/** Returns the labels of workers, sorted. */
export function labelsOf(workers: readonly Worker[]): WorkerLabel[] {
  const labels = [...new Set(workers.flatMap((worker) => worker.labels))].sort();
  return labels.map((label) => ({
    label,
    workers: workers.filter((worker) => worker.labels.includes(label)).map(({ name }) => name),
  }));
}
