import { PipelineError } from "../../../errors/pipeline-error.ts";
import { runIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";
import { listScheduledRuns } from "./find-scheduled-runs.ts";
import type { RunEnd, RunReport, ScheduledRunRef } from "./lightly-run-report.ts";

const WORKER_ENDS: readonly RunEnd[] = ["COMPLETED", "FAILED", "CRASHED", "ABORTED"];

interface ReadRequest extends ScheduledRunRef {
  readonly client: LightlyClient;
  /** 1 for callers that poll anyway. */
  readonly attempts?: number;
  readonly signal: AbortSignal;
}

/**
 * Looks once at a scheduled run: at the worker's run, and as long as there is none, at the list of scheduled runs in every state,
 * so that "canceled" is what Lightly says and not a guess. An answer of 401 or 403 is an error, never a cancellation.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function readRun(request: ReadRequest): Promise<RunReport> {
  const running = await readWorkersRun(request);
  if (running !== undefined) {
    return running;
  }
  const scheduled = (await listScheduledRuns(request)).find(({ id }) => id === request.scheduledRunId);
  switch (scheduled?.state) {
    case "OPEN":
      return { state: "OPEN", message: "waiting for a worker to take it" };
    case "CANCELED":
      return { state: "CANCELED", message: "canceled before a worker took it", end: "CANCELED" };
    case "DONE":
    case undefined:
      // A worker may have begun and even ended between the two requests.
      return (await readWorkersRun(request)) ?? withoutRun(scheduled?.state);
    default:
      return { state: scheduled?.state ?? "LOCKED", message: "a worker has taken it" };
  }
}

function withoutRun(state: "DONE" | undefined): RunReport {
  return state === "DONE"
    ? { state, message: "closed by Lightly, but there is no run of it" }
    : { state: "MISSING", message: "Lightly does not know it" };
}

async function readWorkersRun({
  client,
  scheduledRunId,
  attempts,
  signal,
}: ReadRequest): Promise<RunReport | undefined> {
  try {
    const answer = await client.request({
      method: "GET",
      path: apiPath`/v1/docker/runs/schedule/${scheduledRunId}`,
      ...(attempts === undefined ? {} : { attempts }),
      signal,
    });
    const { id, state, message } = runIn(answer);
    const end = WORKER_ENDS.find((candidate) => candidate === state);
    return {
      state,
      runId: id,
      ...(typeof message === "string" ? { message: client.clean(message) } : {}),
      ...(end === undefined ? {} : { end }),
    };
  } catch (error) {
    if (error instanceof PipelineError && error.code === "LIGHTLY_REQUEST_REFUSED" && error.details.status === 404) {
      return undefined;
    }
    throw error;
  }
}
