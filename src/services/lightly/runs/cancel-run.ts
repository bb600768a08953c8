import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";
import { listScheduledRuns } from "./find-scheduled-runs.ts";
import type { ScheduledRunRef } from "./lightly-run-report.ts";

/**
 * Cancels a scheduled run that no worker has taken yet. Lightly's API can't stop a run that a worker has taken.
 *
 * @returns `canceled`: by this or an earlier request; `running`: a worker has taken it; `gone`: it has ended, or Lightly does not know it
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function cancelRun(
  options: ScheduledRunRef & { client: LightlyClient; signal: AbortSignal },
): Promise<"canceled" | "running" | "gone"> {
  const { client, datasetId, scheduledRunId, signal } = options;
  const path = apiPath`/v1/datasets/${datasetId}/docker/worker/schedule/${scheduledRunId}`;
  try {
    await client.request({ method: "PUT", path, signal });
    return "canceled";
  } catch (error) {
    if (error instanceof PipelineError && error.code === "LIGHTLY_DATASET_NOT_FOUND") {
      return "gone";
    }
    if (!(error instanceof PipelineError) || error.code !== "LIGHTLY_REQUEST_REFUSED") {
      throw error;
    }
    // The status of this refusal is not documented, so the state of the run is read.
    return await stateAfterRefusal(options, error);
  }
}

async function stateAfterRefusal(
  options: ScheduledRunRef & { client: LightlyClient; signal: AbortSignal },
  refusal: PipelineError,
): Promise<"canceled" | "running" | "gone"> {
  const scheduled = (await listScheduledRuns(options)).find(({ id }) => id === options.scheduledRunId);
  switch (scheduled?.state) {
    case "OPEN":
      throw refusal;
    case "CANCELED":
      return "canceled";
    case "DONE":
    case undefined:
      return "gone";
    default:
      return "running";
  }
}
