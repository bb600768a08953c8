import { type Listing, listing } from "../../listing.ts";
import { type Worker, workersIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";

/** A label, and the workers that have it. */
export interface WorkerLabel {
  readonly label: string;
  /** Their names. */
  readonly workers: readonly string[];
}

/**
 * The workers that are registered with the token, by name. Asks once.
 *
 * @throws PipelineError see {@link LightlyClient}
 */
export async function listWorkers(client: LightlyClient, signal: AbortSignal): Promise<Listing<Worker>> {
  const answer = await client.request({ method: "GET", path: "/v1/docker/worker", attempts: 1, signal });
  return listing(workersIn(answer).sort((a, b) => a.name.localeCompare(b.name)));
}

/** The labels of these workers, in order. */
export function labelsOf(workers: readonly Worker[]): WorkerLabel[] {
  const labels = [...new Set(workers.flatMap((worker) => worker.labels))].sort();
  return labels.map((label) => ({
    label,
    workers: workers.filter((worker) => worker.labels.includes(label)).map(({ name }) => name),
  }));
}
