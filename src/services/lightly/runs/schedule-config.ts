import { PipelineError } from "../../../errors/pipeline-error.ts";
import { growingDelay } from "../../../polling/delay.ts";
import { type PollResult, pollUntil } from "../../../polling/poll-until.ts";
import { createdId } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";
import { cancelRun } from "./cancel-run.ts";
import { findScheduledRuns } from "./find-scheduled-runs.ts";

/** How long a run may take to appear in the list after a request that nobody answered. */
const APPEARS_WITHIN_MS = 15_000;
/** An abort lets the request be answered for so long, so that the run is known and can be canceled. */
const ABORT_GRACE_MS = 5_000;
const MAX_REQUESTS = 2;

interface ScheduleConfigOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  /** Not scheduled before: it identifies the run. */
  readonly configId: string;
  readonly priority: string;
  readonly runsOn: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Schedules one run of a configuration. A run costs GPU time, so the request is never repeated blindly. When nobody knows whether
 * it was carried out (connection broken, time limit, 5xx, unreadable answer), the dataset's scheduled runs, in every state, are
 * looked through for the configuration's id:
 * - it is there: that is the run;
 * - it has not appeared within 15 s, and the list could be read at the end of them: the request is sent a second and last time.
 *   Should the first have been carried out after all, much later, one of the two runs is canceled again;
 * - the list can't be read: `LIGHTLY_SCHEDULE_UNCERTAIN`.
 *
 * @returns the id of the scheduled run
 */
export async function scheduleConfig(config: ScheduleConfigOptions): Promise<string> {
  for (let request = 1; ; request += 1) {
    try {
      const id = await send(config);
      return request === 1 ? id : await keepOne(config, id);
    } catch (error) {
      if (!(error instanceof PipelineError) || error.details.delivery !== "unknown") {
        throw error;
      }
      const id = await lookFor(config, error);
      if (id !== undefined) {
        return request === 1 ? id : await keepOne(config, id);
      }
      if (request >= MAX_REQUESTS) {
        throw notScheduled(config, error);
      }
    }
  }
}

async function send({ client, datasetId, configId, priority, runsOn, signal }: ScheduleConfigOptions): Promise<string> {
  const answer = await client.request({
    method: "POST",
    path: apiPath`/v1/datasets/${datasetId}/docker/worker/schedule`,
    body: { configId, priority, runsOn, creator: "USER_PIP" },
    graceMs: ABORT_GRACE_MS,
    signal,
  });
  return createdId(answer);
}

/** The run's id, or `undefined` when the list says at the end that there is none. */
async function lookFor(config: ScheduleConfigOptions, failure: PipelineError): Promise<string | undefined> {
  const { client, signal } = config;
  let couldRead = false;
  const check = async (): Promise<PollResult<string>> => {
    try {
      couldRead = false;
      const [run] = await findScheduledRuns({ ...config, attempts: 1 });
      couldRead = true;
      return run === undefined ? { wait: "not in the list" } : { done: run.id };
    } catch (error) {
      if (!(error instanceof PipelineError) || signal.aborted) {
        throw error;
      }
      return { wait: "in a list that can't be read" };
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
      throw uncertain(config, failure);
    }
    return undefined;
  }
}

/** Cancels what there is beside one run of the configuration; a run that a worker has taken is kept. */
async function keepOne(config: ScheduleConfigOptions, id: string): Promise<string> {
  const { client, datasetId, signal } = config;
  try {
    const runs = (await findScheduledRuns(config)).filter(({ state }) => state !== "CANCELED");
    const kept = runs.find(({ state }) => state !== "OPEN") ?? runs[0];
    for (const twin of runs.filter((run) => run !== kept && run.state === "OPEN")) {
      await cancelRun({ client, datasetId, scheduledRunId: twin.id, signal });
    }
    return kept?.id ?? id;
  } catch {
    // The run that we know of is scheduled: that its twin, which is unlikely, could not be looked for is no reason to fail.
    return id;
  }
}

function uncertain({ datasetId, configId }: ScheduleConfigOptions, cause: PipelineError): PipelineError {
  return new PipelineError(
    "LIGHTLY_SCHEDULE_UNCERTAIN",
    `It is unknown whether a run was scheduled on dataset ${datasetId} (configuration ${configId}): the request got no usable answer, and Lightly's list of scheduled runs can't be read. Look for the run in the Lightly app, and cancel it there before you try again. ${cause.message}`,
    { details: { datasetId, configId }, cause },
  );
}

function notScheduled({ datasetId, configId }: ScheduleConfigOptions, failure: PipelineError): PipelineError {
  return new PipelineError(failure.code, `No run was scheduled on dataset ${datasetId}. ${failure.message}`, {
    retryable: failure.retryable,
    details: { ...failure.details, delivery: "refused", datasetId, configId },
    cause: failure.cause,
  });
}
