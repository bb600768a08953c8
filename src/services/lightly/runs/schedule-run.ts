import type { LightlyClient } from "../client/lightly-client.ts";
import { parseCreatedId } from "../client/responses.ts";
import type { SelectionConfigV4 } from "../selection/selection-config.ts";
import type { WorkerConfig } from "../workers/worker-config.ts";
import { findScheduledRuns } from "./find-scheduled-runs.ts";
import { scheduleConfig } from "./schedule-config.ts";

export interface ScheduleRunOptions {
  readonly client: LightlyClient;
  readonly datasetId: string;
  readonly selection: SelectionConfigV4;
  readonly worker: WorkerConfig;
  readonly priority: "LOW" | "MID" | "HIGH" | "CRITICAL";
  /** The labels that a worker must have to take the run; empty for any worker. */
  readonly runsOn: readonly string[];
  readonly signal: AbortSignal;
  /** Called before the run is scheduled, and awaited. With this id the run is found after a crash. */
  readonly onConfig?: (configId: string) => void | Promise<void>;
  /** The id that `onConfig` of an interrupted call has received. If it has a run, that run is used; otherwise a run is scheduled. */
  readonly configId?: string;
}

/**
 * Creates a configuration and schedules one run of it.
 *
 * If an abort comes while the scheduling request is in flight, the function waits a few seconds for the response, and resolves if it
 * arrives: a run whose id is known can be canceled.
 *
 * @throws PipelineError `LIGHTLY_SCHEDULE_UNCERTAIN` if it is unknown whether the run exists; or an error of the requests (see
 *   {@link LightlyClient}): then no run of this configuration exists
 */
export async function scheduleRun(options: ScheduleRunOptions): Promise<{ configId: string; scheduledRunId: string }> {
  const { client, datasetId, priority, signal, configId: earlier } = options;
  if (earlier !== undefined) {
    const [run] = await findScheduledRuns({ client, datasetId, configId: earlier, signal });
    if (run !== undefined) {
      return { configId: earlier, scheduledRunId: run.id };
    }
  }
  const configId = earlier ?? (await createConfig(options));
  await options.onConfig?.(configId);
  const runsOn = [...options.runsOn];
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
  const response = await client.request({
    method: "POST",
    path: "/v1/docker/worker/config/vX",
    body: { version: "V4", creator: "USER_PIP", config },
    // A configuration without a run has no effect, so a duplicate does no harm.
    repeatable: true,
    signal,
  });
  return parseCreatedId(response);
}
