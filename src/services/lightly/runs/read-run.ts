import { PipelineError } from "../../../errors/pipeline-error.ts";
import { runIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";
import { listScheduledRuns } from "./find-scheduled-runs.ts";
import type { LightlyEndState, LightlyRunReport, ScheduledRunRef } from "./lightly-run-report.ts";

const WORKER_END_STATES: readonly LightlyEndState[] = ["COMPLETED", "FAILED", "CRASHED", "ABORTED"];

interface ReadRunOptions extends ScheduledRunRef {
  readonly client: LightlyClient;
  /** 1 for callers that poll anyway. */
  readonly attempts?: number;
  readonly signal: AbortSignal;
}

/**
 * Reads the state of a scheduled run: of its worker run, and as long as there is none, of the list of scheduled runs in every state,
 * so that "canceled" is what Lightly says and not a guess. An answer of 401 or 403 is an error, never a cancellation.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function readRun(request: ReadRunOptions): Promise<LightlyRunReport> {
  const workerRun = await readWorkerRun(request);
  if (workerRun !== undefined) {
    return workerRun;
  }
  const scheduled = (await listScheduledRuns(request)).find(({ id }) => id === request.scheduledRunId);
  switch (scheduled?.state) {
    case "OPEN":
      return { state: "OPEN", message: "waiting for a worker to take it" };
    case "CANCELED":
      return { state: "CANCELED", message: "canceled before a worker took it", endState: "CANCELED" };
    case "DONE":
    case undefined:
      // A worker may have started and even ended between the two requests.
      return (await readWorkerRun(request)) ?? withoutWorkerRun(scheduled?.state);
    default:
      return { state: scheduled?.state ?? "LOCKED", message: "a worker has taken it" };
  }
}

function withoutWorkerRun(state: "DONE" | undefined): LightlyRunReport {
  return state === "DONE"
    ? { state, message: "closed by Lightly, but it has no worker run" }
    : { state: "MISSING", message: "Lightly does not know it" };
}

async function readWorkerRun({
  client,
  scheduledRunId,
  attempts,
  signal,
}: ReadRunOptions): Promise<LightlyRunReport | undefined> {
  try {
    const answer = await client.request({
      method: "GET",
      path: apiPath`/v1/docker/runs/schedule/${scheduledRunId}`,
      attempts,
      signal,
    });
    const { id, state, message } = runIn(answer);
    const endState = WORKER_END_STATES.find((candidate) => candidate === state);
    return {
      state,
      workerRunId: id,
      ...(typeof message === "string" ? { message: client.clean(message) } : {}),
      ...(endState === undefined ? {} : { endState }),
    };
  } catch (error) {
    if (error instanceof PipelineError && error.code === "LIGHTLY_REQUEST_REFUSED" && error.details.status === 404) {
      return undefined;
    }
    throw error;
  }
}
