import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { parseRun, type Run } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";
import { listScheduledRuns } from "./find-scheduled-runs.ts";
import type { LightlyEndState, LightlyRunReport, ScheduledRunRef } from "./lightly-run-report.ts";

const WORKER_END_STATES: readonly LightlyEndState[] = ["COMPLETED", "FAILED", "CRASHED", "ABORTED"];

/** The report of a scheduled run in the queue. */
export const OPEN_RUN: LightlyRunReport = { state: "OPEN", message: "waiting for a worker to take it" };

interface ReadRunOptions extends ScheduledRunRef {
  readonly client: LightlyClient;
  /** The maximum number of attempts of each request; 1 for callers that poll. */
  readonly attempts?: number;
  readonly signal: AbortSignal;
}

/**
 * Reads the state of a scheduled run: from its worker run or, as long as there is none, from the list of scheduled runs in all states, so
 * that a cancellation is what Lightly reports and not a guess. A response with status 401 or 403 is an error, never a cancellation.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function readRun(options: ReadRunOptions): Promise<LightlyRunReport> {
  const workerRun = await readWorkerRun(options);
  if (workerRun !== undefined) {
    return workerRun;
  }
  const scheduled = (await listScheduledRuns(options)).find(({ id }) => id === options.scheduledRunId);
  switch (scheduled?.state) {
    case "OPEN":
      return OPEN_RUN;
    case "CANCELED":
      return { state: "CANCELED", message: "canceled before a worker took it", endState: "CANCELED" };
    case "DONE":
    case undefined:
      // A worker may have started and even ended between the two requests.
      return (await readWorkerRun(options)) ?? withoutWorkerRun(scheduled?.state);
    default:
      return { state: scheduled?.state ?? "LOCKED", message: "a worker has taken it" };
  }
}

/** The report of a worker run. */
export function reportOfRun(client: LightlyClient, { id, state, message }: Run): LightlyRunReport {
  const endState = WORKER_END_STATES.find((candidate) => candidate === state);
  return {
    state,
    workerRunId: id,
    ...(typeof message === "string" ? { message: client.clean(message) } : {}),
    ...(endState === undefined ? {} : { endState }),
  };
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
    const response = await client.request({
      method: "GET",
      path: apiPath`/v1/docker/runs/schedule/${scheduledRunId}`,
      attempts,
      signal,
    });
    return reportOfRun(client, parseRun(response));
  } catch (error) {
    if (error instanceof PipelineError && error.code === "LIGHTLY_REQUEST_REFUSED" && error.details.status === 404) {
      return undefined;
    }
    throw error;
  }
}
