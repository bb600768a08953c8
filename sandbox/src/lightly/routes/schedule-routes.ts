import { listFiles, requireDatasource } from "../datasource-access.ts";
import { ApiFault, conflict, unknown } from "../http/api-fault.ts";
import { array, choice, object, objectId, string } from "../http/body-schema.ts";
import { flag, oneOf, someOf } from "../http/query-parameters.ts";
import { created, done, ok, type Route, route } from "../http/router.ts";
import { setScheduleState } from "../processing.ts";
import { creator } from "../schemas/common.ts";
import { PRIORITIES, SCHEDULE_STATES, type Scheduled, type WorkerConfig } from "../state/lightly-records.ts";
import { requireDataset, USER_ID, type World } from "../world.ts";
import { requireConfig } from "./config-routes.ts";

/** Routes of scheduled runs for users. */
export function scheduleRoutes(world: World): Route[] {
  const { schedules } = world.state;
  return [
    route(
      "POST /v1/datasets/{datasetId}/docker/worker/schedule",
      {
        query: { disableConfigValidation: flag },
        body: object(
          { configId: objectId, priority: choice(...PRIORITIES) },
          { runsOn: array(string({ min: 1 })), creator },
        ),
      },
      async ({ params: { datasetId }, query, body: { configId, priority, runsOn = [] } }) => {
        requireDataset(world, datasetId);
        const config = requireConfig(world, configId);
        if (query.disableConfigValidation !== true) {
          await refuseUnusableDatasource(world, datasetId, config);
        }
        const now = world.now();
        const scheduled = { id: world.newId(), datasetId, configId, priority, runsOn, state: "OPEN" as const };
        schedules.put({ ...scheduled, createdAt: now, lastModifiedAt: now });
        return created({ id: scheduled.id });
      },
    ),
    route(
      "GET /v1/datasets/{datasetId}/docker/worker/schedule",
      { query: { state: oneOf(...SCHEDULE_STATES), states: someOf(...SCHEDULE_STATES) } },
      ({ params: { datasetId }, query }) => {
        requireDataset(world, datasetId);
        const asked = query.state === undefined ? query.states : [query.state, ...query.states];
        const states = asked.length === 0 ? ["OPEN", "LOCKED"] : asked;
        const found = schedules.of(datasetId).filter(({ state }) => states.includes(state));
        return ok(found.map(scheduledData));
      },
    ),
    route("PUT /v1/datasets/{datasetId}/docker/worker/schedule/{scheduledId}", {}, ({ params }) => {
      const scheduled = requireScheduled(world, params.datasetId, params.scheduledId);
      if (scheduled.state !== "OPEN") {
        const text = `A scheduled run can be canceled only while it is OPEN; this one is ${scheduled.state}.`;
        throw conflict("DOCKER_WORKER_SCHEDULE_UPDATE_FAILED", text);
      }
      setScheduleState(world, scheduled, "CANCELED");
      return done();
    }),
  ];
}

export function requireScheduled(world: World, datasetId: string, id: string): Scheduled {
  requireDataset(world, datasetId);
  const scheduled = world.state.schedules.get(id);
  if (scheduled?.datasetId !== datasetId) {
    throw unknown("DOCKER_WORKER_SCHEDULE_UNKNOWN", `Dataset ${datasetId} has no scheduled run ${id}.`);
  }
  return scheduled;
}

export const scheduledData = (scheduled: Scheduled) => ({ ...scheduled, userId: USER_ID });

/** Requires both datasources, and the file that the config names: 404 or 422. */
async function refuseUnusableDatasource(world: World, datasetId: string, { config }: WorkerConfig): Promise<void> {
  requireDatasource(world, datasetId, "INPUT");
  const lightly = requireDatasource(world, datasetId, "LIGHTLY");
  const { relevantFilenamesFile: file } = (config.docker ?? {}) as { relevantFilenamesFile?: string };
  if (file !== undefined && file !== "") {
    const files = await listFiles(world, lightly, file);
    if (!files.some(({ fileName }) => fileName === file)) {
      const text = `The config's relevantFilenamesFile ${file} is not in the LIGHTLY datasource.`;
      throw new ApiFault(422, "DOCKER_WORKER_CONFIG_REFERENCES_INVALID_FILES", text);
    }
  }
}
