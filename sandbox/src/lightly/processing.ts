import { unknown } from "./http/api-fault.ts";
import { hasEnded, PRIORITIES, type Run, type RunState, type Scheduled, type Worker } from "./state/lightly-records.ts";
import type { World } from "./world.ts";

export function requireWorker(world: World, id: string): Worker {
  const worker = world.state.workers.get(id);
  if (worker === undefined) {
    throw unknown("DOCKER_WORKER_UNKNOWN", `There is no worker ${id}.`);
  }
  return worker;
}

/** Whether a worker has all labels of a run. */
export const suits = (labels: readonly string[], scheduled: Scheduled): boolean =>
  scheduled.runsOn.every((label) => labels.includes(label));

/** Whether a worker is processing the dataset: two never process one dataset concurrently. */
export const isDatasetBusy = (world: World, datasetId: string): boolean =>
  world.state.schedules.of(datasetId).some(({ state }) => state === "LOCKED");

/** By priority, then by age. */
export const byUrgency = (a: Scheduled, b: Scheduled): number =>
  PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || a.createdAt - b.createdAt;

/** The newest run of a scheduled run. */
export const runOf = (world: World, scheduledId: string): Run | undefined => world.state.runs.of(scheduledId).at(-1);

export function setScheduleState(world: World, scheduled: Scheduled, state: Scheduled["state"], owner?: string): void {
  const { owner: before, ...rest } = scheduled;
  const holder = state === "OPEN" ? undefined : (owner ?? before);
  const changed = { ...rest, state, lastModifiedAt: world.now() };
  world.state.schedules.put(holder === undefined ? changed : { ...changed, owner: holder });
}

/** What a worker reports about a run besides its state. */
export type RunReport = Pick<Run, "message" | "reportedAt">;

/** Saves the report of a worker; when a run ends, its scheduled run becomes DONE. */
export function advanceRun(world: World, run: Run, state: RunState, report: RunReport): void {
  const changed = { ...run, state, lastModifiedAt: world.now(), ...report };
  world.state.runs.put(changed);
  const scheduled = run.scheduledId === undefined ? undefined : world.state.schedules.get(run.scheduledId);
  if (hasEnded(changed) && scheduled?.state === "LOCKED") {
    setScheduleState(world, scheduled, "DONE");
  }
}

/**
 * Cleans up after a worker that no longer processes what it locked: an unfinished run is CRASHED, a scheduled run that
 * has no run yet is OPEN again. The behavior of the real server is not known.
 */
export function abandonWork(world: World, workerId: string, why: string): void {
  for (const scheduled of world.state.schedules.all()) {
    if (scheduled.state === "LOCKED" && scheduled.owner === workerId) {
      const run = runOf(world, scheduled.id);
      if (run === undefined || hasEnded(run)) {
        setScheduleState(world, scheduled, run === undefined ? "OPEN" : "DONE");
      } else {
        advanceRun(world, run, "CRASHED", { message: why });
      }
    }
  }
}

/** Ends the work of BUSY workers that have not reported anything, about themselves or their run, for that time. */
export function abandonSilentWork(world: World, silenceMs: number): void {
  for (const worker of world.state.workers.all()) {
    if (worker.state === "BUSY") {
      const runs = world.state.schedules
        .all()
        .filter(({ state, owner }) => state === "LOCKED" && owner === worker.id)
        .map(({ id }) => runOf(world, id)?.lastModifiedAt ?? 0);
      if (world.now() - Math.max(worker.lastModifiedAt, ...runs) > silenceMs) {
        abandonWork(world, worker.id, "The worker stopped reporting.");
        world.state.workers.put({ ...worker, state: "OFFLINE", lastModifiedAt: world.now() });
      }
    }
  }
}
