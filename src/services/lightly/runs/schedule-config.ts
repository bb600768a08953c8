import { PipelineError } from "../../../errors/pipeline-error.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { parseCreatedId } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";
import { cancelRun } from "./cancel-run.ts";
import { findScheduledRuns } from "./find-scheduled-runs.ts";

/** How long a run may take to appear in the list after a request without a response. */
const APPEARS_WITHIN_MS = 15_000;
/** How long a request may continue after an abort, so that the id of its run is known and the run can be canceled. */
const ABORT_GRACE_MS = 5_000;
const MAX_REQUESTS = 2;

interface ScheduleConfigOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  /** Used for this run only, so that it identifies the run. */
  readonly configId: string;
  readonly priority: string;
  readonly runsOn: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Schedules one run of a configuration. A run costs GPU time, so the request is not simply repeated. If its result is unknown (connection
 * lost, time limit, 5xx, invalid response), the run is searched by its configuration in the dataset's scheduled runs in all states:
 * - It is found: that is the run.
 * - It does not appear within 15 s, and the last read of the list succeeded: the request is sent a second and last time. If the first
 *   request is processed later after all, one of the two runs is canceled.
 * - The list can't be read: `LIGHTLY_SCHEDULE_UNCERTAIN`.
 *
 * @returns the id of the scheduled run
 */
export async function scheduleConfig(options: ScheduleConfigOptions): Promise<string> {
  for (let request = 1; ; request += 1) {
    try {
      const id = await send(options);
      return request === 1 ? id : await cancelDuplicates(options, id);
    } catch (error) {
      if (!(error instanceof PipelineError) || error.details.delivery !== "unknown") {
        throw error;
      }
      const id = await findScheduledRun(options, error);
      if (id !== undefined) {
        return request === 1 ? id : await cancelDuplicates(options, id);
      }
      if (request >= MAX_REQUESTS) {
        throw notScheduledError(options, error);
      }
    }
  }
}

async function send({ client, datasetId, configId, priority, runsOn, signal }: ScheduleConfigOptions): Promise<string> {
  const response = await client.request({
    method: "POST",
    path: apiPath`/v1/datasets/${datasetId}/docker/worker/schedule`,
    body: { configId, priority, runsOn, creator: "USER_PIP" },
    graceMs: ABORT_GRACE_MS,
    signal,
  });
  return parseCreatedId(response);
}

/** Returns the id of the run; `undefined` if the list does not contain it at the end. */
async function findScheduledRun(options: ScheduleConfigOptions, failure: PipelineError): Promise<string | undefined> {
  const { client, signal } = options;
  let couldRead = false;
  const check = async (): Promise<PollResult<string>> => {
    try {
      couldRead = false;
      const [run] = await findScheduledRuns({ ...options, attempts: 1 });
      couldRead = true;
      return run === undefined ? { wait: "not in the list" } : { done: run.id };
    } catch (error) {
      if (!(error instanceof PipelineError) || signal.aborted) {
        throw error;
      }
      return { wait: "unknown: the list can't be read" };
    }
  };
  try {
    return await pollUntil({
      goal: "the scheduled run to appear",
      check,
      delay: growingDelay({ firstMs: 1000, limitMs: 8000 }),
      timeoutMs: APPEARS_WITHIN_MS,
      signal,
      clock: client.clock,
    });
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== "TIMED_OUT") {
      throw error;
    }
    if (!couldRead) {
      throw uncertainError(options, failure);
    }
    return undefined;
  }
}

/** Returns one run of the configuration, preferably one that a worker has taken, and cancels the others. */
async function cancelDuplicates(options: ScheduleConfigOptions, id: string): Promise<string> {
  const { client, datasetId, signal } = options;
  try {
    const runs = (await findScheduledRuns(options)).filter(({ state }) => state !== "CANCELED");
    const kept = runs.find(({ state }) => state !== "OPEN") ?? runs[0];
    for (const duplicate of runs.filter((run) => run !== kept && run.state === "OPEN")) {
      await cancelRun({ client, datasetId, scheduledRunId: duplicate.id, signal });
    }
    return kept?.id ?? id;
  } catch {
    // The known run is scheduled. A duplicate is unlikely, so the step must not fail because the search for it has failed.
    return id;
  }
}

function uncertainError({ datasetId, configId }: ScheduleConfigOptions, cause: PipelineError): PipelineError {
  return new PipelineError(
    "LIGHTLY_SCHEDULE_UNCERTAIN",
    `It is unknown whether a run was scheduled on dataset ${datasetId} (configuration ${configId}): the request got no valid response, and Lightly's list of scheduled runs can't be read. Look for the run in the Lightly app, and cancel it there before you try again. ${cause.message}`,
    { details: { datasetId, configId }, cause },
  );
}

function notScheduledError({ datasetId, configId }: ScheduleConfigOptions, failure: PipelineError): PipelineError {
  return new PipelineError(failure.code, `No run was scheduled on dataset ${datasetId}. ${failure.message}`, {
    retryable: failure.retryable,
    details: { ...failure.details, delivery: "refused", datasetId, configId },
    cause: failure.cause,
  });
}
