import { type ScheduledRun, scheduledRunsIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";

/** Without a filter the list holds only the first two. */
const ALL_STATES = ["OPEN", "LOCKED", "CANCELED", "DONE"];

/**
 * The scheduled runs of a dataset in every state.
 *
 * @param o.attempts - 1 for callers that poll anyway
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function listScheduledRuns(o: {
  client: LightlyClient;
  datasetId: string;
  attempts?: number;
  signal: AbortSignal;
}): Promise<ScheduledRun[]> {
  const { client, datasetId, attempts, signal } = o;
  const answer = await client.request({
    method: "GET",
    path: apiPath`/v1/datasets/${datasetId}/docker/worker/schedule`,
    query: ALL_STATES.map((state) => ["states", state] as const),
    attempts,
    signal,
  });
  return scheduledRunsIn(answer);
}

/**
 * The scheduled runs that were made from one configuration, oldest first. A configuration is created for one run only, so this
 * finds a run whose scheduling was answered by nobody, also after a restart.
 */
export async function findScheduledRuns(o: {
  client: LightlyClient;
  datasetId: string;
  configId: string;
  attempts?: number;
  signal: AbortSignal;
}): Promise<ScheduledRun[]> {
  const all = await listScheduledRuns(o);
  return all.filter(({ configId }) => configId === o.configId).sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}
