import type { LightlyClient } from "../client/lightly-client.ts";
import { parseScheduledRuns, type ScheduledRun } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";

/** Without this filter Lightly returns only the first two states. */
const ALL_STATES = ["OPEN", "LOCKED", "CANCELED", "DONE"];

/**
 * Lists the scheduled runs of a dataset in all states.
 *
 * @param options.attempts - 1 for callers that poll
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function listScheduledRuns(options: {
  client: LightlyClient;
  datasetId: string;
  attempts?: number;
  signal: AbortSignal;
}): Promise<ScheduledRun[]> {
  const { client, datasetId, attempts, signal } = options;
  const response = await client.request({
    method: "GET",
    path: apiPath`/v1/datasets/${datasetId}/docker/worker/schedule`,
    query: ALL_STATES.map((state) => ["states", state] as const),
    attempts,
    signal,
  });
  return parseScheduledRuns(response);
}

/**
 * Lists the scheduled runs of a configuration, oldest first. A configuration is created for one run only, so this finds a run whose
 * scheduling request got no response, even after a restart.
 */
export async function findScheduledRuns(options: {
  client: LightlyClient;
  datasetId: string;
  configId: string;
  attempts?: number;
  signal: AbortSignal;
}): Promise<ScheduledRun[]> {
  const all = await listScheduledRuns(options);
  return all
    .filter(({ configId }) => configId === options.configId)
    .sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}
