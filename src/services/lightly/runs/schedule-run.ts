import { createdId } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import type { SelectionConfigV4 } from "../selection/selection-config.ts";
import type { WorkerConfig } from "../workers/worker-config.ts";
import { findScheduledRuns } from "./find-scheduled-runs.ts";
import { scheduleConfig } from "./schedule-config.ts";

/** What {@link scheduleRun} takes. */
export interface ScheduleRunOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly selection: SelectionConfigV4;
  readonly worker: WorkerConfig;
  readonly priority: "LOW" | "MID" | "HIGH" | "CRITICAL";
  /** Labels that a worker must have to take the run; empty for any worker. */
  readonly runsOn: readonly string[];
  readonly signal: AbortSignal;
  /** Told before the run is scheduled, and waited for: with this id the run is found again after a crash. */
  readonly onConfig?: (configId: string) => void | Promise<void>;
  /** From `onConfig` of a call that was interrupted: a run of it that exists is taken, and otherwise one is scheduled. */
  readonly configId?: string;
}

/**
 * Creates a configuration and schedules one run of it.
 *
 * An abort while the scheduling request is under way waits a few seconds for its answer, and resolves when it comes: a run whose id
 * is known can be canceled.
 *
 * @throws PipelineError `LIGHTLY_SCHEDULE_UNCERTAIN` when it is not to be found out whether the run exists, or an error of the
 *   requests (see {@link LightlyClient}), after which no run of this configuration exists
 */
export async function scheduleRun(request: ScheduleRunOptions): Promise<{ configId: string; scheduledRunId: string }> {
  const { client, datasetId, priority, signal, configId: earlier } = request;
  if (earlier !== undefined) {
    const [run] = await findScheduledRuns({ client, datasetId, configId: earlier, signal });
    if (run !== undefined) {
      return { configId: earlier, scheduledRunId: run.id };
    }
  }
  const configId = earlier ?? (await createConfig(request));
  await request.onConfig?.(configId);
  const runsOn = [...request.runsOn];
  return { configId, scheduledRunId: await scheduleConfig({ client, datasetId, configId, priority, runsOn, signal }) };
}

async function createConfig({ client, selection, worker, signal }: ScheduleRunOptions): Promise<string> {
  const { docker, lightly } = worker;
  const config = {
    workerType: "FULL",
    docker,
    lightly,
    selection,
  };
  const answer = await client.request({
    method: "POST",
    path: "/v1/docker/worker/config/vX",
    body: { version: "V4", creator: "USER_PIP", config },
    // A configuration that nobody schedules does nothing, so one too many does no harm.
    repeatable: true,
    signal,
  });
  return createdId(answer);
}
