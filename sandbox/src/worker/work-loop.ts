import { setTimeout as sleep } from "node:timers/promises";
import { uploadLog } from "./artifacts/upload-artifact.ts";
import { ApiError, type LightlyApi } from "./lightly-api.ts";
import { RunRefusal } from "./refusal.ts";
import { type RunConfig, readRunConfig } from "./run-config.ts";
import { type EndState, type RunProgress, type RunState, trackProgress, UnconfirmedEnd } from "./run-progress.ts";
import { signalAfter } from "./signal-after.ts";
import type { WorkerSettings } from "./worker-settings.ts";

/** The worker's release, as it reports it to the API. */
const WORKER_VERSION = "0.1.0-stand-in";

interface Scheduled {
  readonly id: string;
  readonly datasetId: string;
  readonly configId: string;
}

export interface WorkUntilDoneOptions {
  readonly api: LightlyApi;
  readonly settings: WorkerSettings;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** A worker that is to stop may report for this long. */
const FINAL_REPORT_LIMIT_MS = 4000;
/** The end of a failed run is reported after this time at the latest, with or without its log. */
const LOG_UPLOAD_MS = 10_000;

/**
 * Registers the worker, polls for runs and processes them until a run requests its shutdown, a run fails, or it is
 * stopped.
 *
 * @returns the process's exit code: 0 after a completed run that requested the shutdown, 1 after a failed or crashed one
 * @throws the signal's reason when it was stopped; the current run is ABORTED
 * @throws UnconfirmedEnd when the API has not accepted the end of a run
 */
export async function workUntilDone({ api, settings, signal, print }: WorkUntilDoneOptions): Promise<number> {
  const workerId = settings.workerId ?? (await register(api, settings));
  const report = (state: "IDLE" | "BUSY" | "OFFLINE", own?: AbortSignal): Promise<unknown> =>
    api("PUT", `/v1/docker/worker/${workerId}`, {
      body: { state, dockerVersion: WORKER_VERSION },
      ...(own === undefined ? {} : { signal: own }),
    });
  await report("IDLE");
  print(`Worker ${workerId} is waiting for work.`);
  const finalSignal = signalAfter(signal, FINAL_REPORT_LIMIT_MS);
  let mayReportOffline = true;
  try {
    for (;;) {
      const scheduled = await lockNext(api, workerId);
      if (scheduled === undefined) {
        await sleep(settings.pollMs, undefined, { signal });
        continue;
      }
      await report("BUSY");
      const { isCompleted, shutdown } = await run({ api, settings, signal, print }, scheduled, finalSignal);
      if (!isCompleted || shutdown) {
        return isCompleted ? 0 : 1;
      }
      await report("IDLE");
    }
  } catch (error) {
    // The API may still be processing the end of the run, and would count the run of an OFFLINE worker as CRASHED.
    mayReportOffline = !(error instanceof UnconfirmedEnd && error.isPending);
    throw error;
  } finally {
    if (mayReportOffline) {
      await report("OFFLINE", AbortSignal.timeout(FINAL_REPORT_LIMIT_MS)).catch(() => {});
    }
  }
}

async function register(api: LightlyApi, { workerName }: WorkerSettings): Promise<string> {
  const body = {
    name: workerName,
    workerType: "FULL",
    labels: [],
    creator: "USER_WORKER",
    dockerVersion: WORKER_VERSION,
  };
  return (await api<{ id: string }>("POST", "/v1/docker/worker", { body })).id;
}

async function lockNext(api: LightlyApi, workerId: string): Promise<Scheduled | undefined> {
  const open = await api<Scheduled[]>("GET", `/v1/docker/worker/${workerId}/schedule`, { query: { state: "OPEN" } });
  for (const scheduled of open) {
    const path = `/v1/datasets/${scheduled.datasetId}/docker/worker/${workerId}/schedule/${scheduled.id}`;
    try {
      await api("PUT", path, { body: { state: "LOCKED" } });
      return scheduled;
    } catch (error) {
      // Another worker has locked it, or the user has canceled it.
      if (!(error instanceof ApiError) || error.status < 400 || error.status === 401 || error.status >= 500) {
        throw error;
      }
    }
    // Or this worker has: the response to its first request was lost.
    const own = await api<Scheduled[]>("GET", `/v1/docker/worker/${workerId}/schedule`, { query: { state: "LOCKED" } });
    if (own.some(({ id }) => id === scheduled.id)) {
      return scheduled;
    }
  }
  return undefined;
}

async function run(
  options: WorkUntilDoneOptions,
  scheduled: Scheduled,
  finalSignal: AbortSignal,
): Promise<{ isCompleted: boolean; shutdown: boolean }> {
  const { api, settings, signal, print } = options;
  const { datasetId, configId, id: scheduledId } = scheduled;
  const body = { dockerVersion: WORKER_VERSION, datasetId, configId, scheduledId, creator: "USER_WORKER" };
  const { id: runId } = await api<{ id: string }>("POST", "/v1/docker/runs", { body });
  print(`Run ${runId} of dataset ${datasetId} started.`);
  const beforeState = (state: RunState): Promise<void> => strike(settings.fault, state, signal);
  const progress = trackProgress({ api, runId, print, stop: signal, finalSignal, beforeState });
  let message: string;
  let shutdown: boolean;
  try {
    const config = await readRunConfig(api, configId);
    shutdown = config.shutdownWhenJobFinished;
    message = await doRun(options, { datasetId, runId, config, progress });
    await beforeState("COMPLETED");
  } catch (error) {
    const [state, text] = describeEnd(error, signal);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOG_UPLOAD_MS)]);
    // A worker that is being stopped has no time for it.
    const keepLog = signal.aborted ? undefined : () => uploadLog(api, runId, progress, limit);
    await progress.end(state, text, keepLog);
    if (signal.aborted) {
      throw error;
    }
    return { isCompleted: false, shutdown: true };
  }
  // Not above: whatever happens to this report, the run is complete.
  await progress.end("COMPLETED", message);
  return { isCompleted: true, shutdown };
}

async function doRun(
  { api, settings, signal }: WorkUntilDoneOptions,
  job: { datasetId: string; runId: string; config: RunConfig; progress: RunProgress },
): Promise<string> {
  await job.progress.enter("STARTED", "stand-in for Lightly Worker, without Lightly's models");
  if (settings.mode === "instant") {
    return "instant mode: nothing was decoded";
  }
  // Loaded here, since decoders and picture library take a while that the instant mode must not cost.
  const { processRun } = await import("./process-run.ts");
  return processRun({ api, signal, ...job });
}

function describeEnd(error: unknown, signal: AbortSignal): [EndState, string] {
  if (signal.aborted) {
    return ["ABORTED", "The worker was stopped while it worked on this run."];
  }
  const text = error instanceof Error ? error.message : String(error);
  // 422: the datasource can't be read as the user has set it up.
  const isRefused = error instanceof RunRefusal || (error instanceof ApiError && error.status === 422);
  return [isRefused ? "FAILED" : "CRASHED", text];
}

/** Lets the fault that the worker was started with happen. */
async function strike(fault: WorkerSettings["fault"], state: RunState, signal: AbortSignal): Promise<void> {
  if (fault?.kind === "crash" && (fault.state ?? state) === state) {
    throw new Error(`Injected fault: the worker crashes in state ${state}.`);
  }
  if (fault?.kind === "never-ends" && (state === "EMBEDDING" || state === "COMPLETED")) {
    // The timer keeps the process alive; a pending promise alone would not.
    await sleep(2 ** 31 - 1, undefined, { signal });
  }
}
