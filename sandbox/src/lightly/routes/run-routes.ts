import { conflict, invalid, unknown } from "../http/api-fault.ts";
import { choice, integer, object, objectId, string } from "../http/body-schema.ts";
import { flag, isOfOthers, PAGING, page, TEAM } from "../http/query-parameters.ts";
import { created, done, ok, plain, type Route, route } from "../http/router.ts";
import { advanceRun, runOf } from "../processing.ts";
import { creator } from "../schemas/common.ts";
import { hasEnded, RUN_STATES, type Run } from "../state/lightly-records.ts";
import { requireDataset, USER_ID, type World } from "../world.ts";
import { requireConfig } from "./config-routes.ts";

const LIST = { ...TEAM, showArchived: flag };

export function runRoutes(world: World): Route[] {
  const { runs, schedules } = world.state;
  const newestFirst = (query: { getAssetsOfTeam: boolean | undefined }) =>
    isOfOthers(query) ? [] : runs.all().reverse();

  return [
    route(
      "POST /v1/docker/runs",
      {
        body: object(
          { dockerVersion: string({ min: 1 }) },
          { datasetId: objectId, scheduledId: objectId, configId: objectId, message: string(), creator },
        ),
      },
      ({ body: { creator: _, ...body } }) => {
        const fields = { ...originOf(world, body.scheduledId), ...body };
        if (fields.datasetId !== undefined) {
          requireDataset(world, fields.datasetId);
        }
        if (fields.configId !== undefined) {
          requireConfig(world, fields.configId);
        }
        const scheduled = fields.scheduledId === undefined ? undefined : schedules.get(fields.scheduledId);
        if (scheduled !== undefined && scheduled.datasetId !== fields.datasetId) {
          throw invalid("BAD_REQUEST", "The scheduled run belongs to another dataset.");
        }
        const now = world.now();
        const run = runs.put({
          ...fields,
          id: world.newId(),
          state: "STARTED",
          createdAt: now,
          lastModifiedAt: now,
        });
        return created({ id: run.id });
      },
    ),
    route("GET /v1/docker/runs", { query: { ...PAGING, ...LIST } }, ({ query }) =>
      ok(page(newestFirst(query), query).map((run) => runData(world, run))),
    ),
    route("GET /v1/docker/runs/count", { query: LIST }, ({ query }) => plain(String(newestFirst(query).length))),
    route("GET /v1/docker/runs/query/datasetId/{datasetId}", { query: { ...PAGING, ...LIST } }, ({ params, query }) => {
      const found = newestFirst(query).filter(({ datasetId }) => datasetId === params.datasetId);
      return ok(page(found, query).map((run) => runData(world, run)));
    }),
    route("GET /v1/docker/runs/schedule/{scheduledId}", {}, ({ params }) => {
      const run = runOf(world, params.scheduledId);
      if (run === undefined) {
        throw unknown("DOCKER_RUN_UNKNOWN", `Scheduled run ${params.scheduledId} has no run yet.`);
      }
      return ok(runData(world, run));
    }),
    route("GET /v1/docker/runs/{runId}", {}, ({ params }) => ok(runData(world, requireRun(world, params.runId)))),
    route(
      "PUT /v1/docker/runs/{runId}",
      { body: object({ state: choice(...RUN_STATES) }, { message: string(), ts: integer({ min: 0 }) }) },
      ({ params, body: { state, message, ts } }) => {
        const run = requireRun(world, params.runId);
        if (hasEnded(run) && state !== run.state) {
          throw conflict("CONFLICT", `The run has ended as ${run.state} and can't change its state.`);
        }
        // A request can arrive after a later one, e.g. when its worker had stopped waiting for the response.
        if (ts === undefined || run.reportedAt === undefined || ts >= run.reportedAt) {
          advanceRun(world, run, state, { ...ofMessage(message), ...(ts === undefined ? {} : { reportedAt: ts }) });
        }
        return done();
      },
    ),
  ];
}

export function requireRun(world: World, id: string): Run {
  const run = world.state.runs.get(id);
  if (run === undefined) {
    throw unknown("DOCKER_RUN_UNKNOWN", `There is no run ${id}.`);
  }
  return run;
}

/** The fields that a run inherits from the scheduled run that a worker has locked. */
function originOf(world: World, scheduledId: string | undefined): { datasetId?: string; configId?: string } {
  if (scheduledId === undefined) {
    return {};
  }
  const scheduled = world.state.schedules.get(scheduledId);
  if (scheduled === undefined) {
    throw unknown("DOCKER_WORKER_SCHEDULE_UNKNOWN", `There is no scheduled run ${scheduledId}.`);
  }
  const run = runOf(world, scheduledId);
  if (scheduled.state !== "LOCKED" || (run !== undefined && !hasEnded(run))) {
    const text = "A run can be created only for a scheduled run that is LOCKED and has no unfinished run.";
    throw conflict("CONFLICT", text);
  }
  return { datasetId: scheduled.datasetId, configId: scheduled.configId };
}

const ofMessage = (message: string | undefined) => (message === undefined ? {} : { message });

function runData(world: World, { reportedAt: _, ...run }: Run) {
  const artifacts = world.state.artifacts.of(run.id).filter(({ isUploaded }) => isUploaded);
  return {
    ...run,
    userId: USER_ID,
    archived: false,
    artifacts: artifacts.map(({ runId: _run, isUploaded: _uploaded, ...artifact }) => artifact),
  };
}
