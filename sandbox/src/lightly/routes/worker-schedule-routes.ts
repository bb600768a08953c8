import { conflict } from "../http/api-fault.ts";
import { array, choice, object, string } from "../http/body-schema.ts";
import { flag, isOfOthers, oneOf, TEAM, text, texts } from "../http/query-parameters.ts";
import { done, ok, type Route, route } from "../http/router.ts";
import { byUrgency, isDatasetBusy, requireWorker, runOf, setScheduleState, suits } from "../processing.ts";
import { hasEnded, PRIORITIES, SCHEDULE_STATES, type Scheduled, type Worker } from "../state/lightly-records.ts";
import type { World } from "../world.ts";
import { requireScheduled, scheduledData } from "./schedule-routes.ts";

/** Routes of scheduled runs for workers: find, lock and release one. */
export function workerScheduleRoutes(world: World): Route[] {
  const isLockable = ({ datasetId }: Scheduled) => !isDatasetBusy(world, datasetId);

  return [
    route(
      "GET /v1/docker/worker/{workerId}/schedule",
      { query: { ...TEAM, state: oneOf(...SCHEDULE_STATES) } },
      ({ params, query: { state = "OPEN" } }) => {
        const { id, labels } = requireWorker(world, params.workerId);
        const found = world.state.schedules.all().filter((scheduled) => {
          const isMine = state === "OPEN" ? suits(labels, scheduled) && isLockable(scheduled) : scheduled.owner === id;
          return scheduled.state === state && isMine;
        });
        return ok(found.sort(byUrgency).map(scheduledData));
      },
    ),
    route(
      "GET /v1/docker/worker/schedule",
      {
        query: {
          ...TEAM,
          state: oneOf(...SCHEDULE_STATES),
          labels: texts,
          version: text,
          includeUnlockableRuns: flag,
        },
      },
      ({ query }) => {
        const { state = "OPEN", labels, version = "*", includeUnlockableRuns = false } = query;
        const isAsked = (scheduled: Scheduled) =>
          scheduled.state === state &&
          (labels.length === 0 || suits(labels, scheduled)) &&
          (state !== "OPEN" || includeUnlockableRuns || isLockable(scheduled));
        const hasVersion = version === "*" || version === "V4";
        const found = hasVersion && !isOfOthers(query) ? world.state.schedules.all().filter(isAsked) : [];
        return ok(found.sort(byUrgency).map(scheduledData));
      },
    ),
    route(
      "PUT /v1/datasets/{datasetId}/docker/worker/{workerId}/schedule/{scheduledId}",
      {
        body: object(
          { state: choice(...SCHEDULE_STATES) },
          { priority: choice(...PRIORITIES), runsOn: array(string({ min: 1 })) },
        ),
      },
      ({ params, body: { state, ...changes } }) => {
        const worker = requireWorker(world, params.workerId);
        const scheduled = requireScheduled(world, params.datasetId, params.scheduledId);
        const refusal = refusalOf(world, worker, scheduled, state);
        if (refusal !== undefined) {
          throw conflict("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED", refusal);
        }
        setScheduleState(world, { ...scheduled, ...changes }, state, state === "LOCKED" ? worker.id : undefined);
        return done();
      },
    ),
  ];
}

/** Why a worker may not change a scheduled run to a state; undefined when it may. */
function refusalOf(world: World, worker: Worker, scheduled: Scheduled, state: Scheduled["state"]): string | undefined {
  const step = `${scheduled.state} -> ${state}`;
  switch (step) {
    case "OPEN -> OPEN":
    case "OPEN -> CANCELED":
      return undefined;
    case "OPEN -> LOCKED":
      if (!suits(worker.labels, scheduled)) {
        return `Worker ${worker.name} lacks labels of the run, which are ${scheduled.runsOn.join(", ")}.`;
      }
      return isDatasetBusy(world, scheduled.datasetId) ? "Another run of the dataset is being processed." : undefined;
    case "LOCKED -> OPEN":
    case "LOCKED -> DONE": {
      if (scheduled.owner !== worker.id) {
        return "Another worker has locked the run.";
      }
      const run = runOf(world, scheduled.id);
      const isRunning = run !== undefined && !hasEnded(run);
      return isRunning && state === "OPEN" ? "Its run is still in progress." : undefined;
    }
    default:
      return `A scheduled run can't change ${step}.`;
  }
}
