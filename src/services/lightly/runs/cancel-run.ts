import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";
import { listScheduledRuns } from "./find-scheduled-runs.ts";
import type { ScheduledRunRef } from "./lightly-run-report.ts";

/**
 * Cancels a scheduled run that no worker has taken yet. Lightly has no request that stops a run once a worker has it.
 *
 * @returns `canceled` (now, or before); `running`: a worker has it; `gone`: it is over, or Lightly does not know it
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function cancelRun(
  o: ScheduledRunRef & { client: LightlyClient; signal: AbortSignal },
): Promise<"canceled" | "running" | "gone"> {
  const { client, datasetId, scheduledRunId, signal } = o;
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
    // It is not documented with which status Lightly refuses to cancel what is not OPEN, so the state decides.
    return await standingOf(o, error);
  }
}

async function standingOf(
  o: ScheduledRunRef & { client: LightlyClient; signal: AbortSignal },
  refusal: PipelineError,
): Promise<"canceled" | "running" | "gone"> {
  const scheduled = (await listScheduledRuns(o)).find(({ id }) => id === o.scheduledRunId);
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
