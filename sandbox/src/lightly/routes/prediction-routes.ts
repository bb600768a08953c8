import { invalid, unknown } from "../http/api-fault.ts";
import { array } from "../http/body-schema.ts";
import { flag, PAGING, page, text } from "../http/query-parameters.ts";
import { created, ok, type Route, route } from "../http/router.ts";
import { singleton, taskSchema } from "../schemas/prediction-schema.ts";
import type { PredictionTask, SamplePredictions } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";
import { requireSample } from "./sample-routes.ts";

const BASE = "/v1/datasets/{datasetId}/predictions";
/** Deprecated at Lightly, and ignored. */
const VERSION = { predictionUUIDTimestamp: text };

/** Routes of prediction tasks, and of the predictions that were uploaded for samples. */
export function predictionRoutes(world: World): Route[] {
  const { predictionTasks, predictions } = world.state;
  return [
    route(`POST ${BASE}/tasks`, { query: VERSION, body: taskSchema }, ({ params: { datasetId }, body: schema }) => {
      requireDataset(world, datasetId);
      if (new Set(schema.categories.map(({ id }) => id)).size < schema.categories.length) {
        const message = "Each category of a prediction task must have an id of its own.";
        throw invalid("PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE", message);
      }
      const { id, createdAt } = findTask(world, datasetId, schema.name) ?? {
        id: world.newId(),
        createdAt: world.now(),
      };
      return created({ id: predictionTasks.put({ id, createdAt, datasetId, schema }).id });
    }),
    route(`GET ${BASE}/tasks`, { query: VERSION }, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      const tasks = predictionTasks.of(datasetId);
      return ok({ predictionUUIDTimestamp: tasks.at(-1)?.createdAt ?? 0, schemas: tasks.map(({ schema }) => schema) });
    }),
    route(`GET ${BASE}/tasks/{taskName}`, { query: VERSION }, ({ params: { datasetId, taskName } }) => {
      requireDataset(world, datasetId);
      return ok(requireTask(world, datasetId, taskName).schema);
    }),
    route(
      `POST ${BASE}/samples/{sampleId}`,
      { query: VERSION, body: array(singleton) },
      ({ params: { datasetId, sampleId }, body }) => {
        const { id } = requireSample(world, datasetId, sampleId);
        const tasks = new Set(body.map(({ taskName }) => taskName));
        for (const name of tasks) {
          requireTask(world, datasetId, name);
        }
        const before = predictions.get(id);
        // Of each task in the request, the earlier predictions are replaced.
        const others = before?.singletons.filter(({ taskName }) => !tasks.has(taskName)) ?? [];
        const createdAt = before?.createdAt ?? world.now();
        predictions.put({ id, createdAt, datasetId, singletons: [...others, ...body] });
        return created({ id });
      },
    ),
    route(
      `GET ${BASE}/samples`,
      { query: { ...VERSION, ...PAGING, lean: flag, taskName: text } },
      ({ params: { datasetId }, query }) => {
        requireDataset(world, datasetId);
        const ofSample = ({ id }: { id: string }) => {
          const all = predictions.get(id)?.singletons ?? [];
          const found = all.filter(({ taskName }) => query.taskName === undefined || taskName === query.taskName);
          return query.lean === true ? found.map(withoutMask) : found;
        };
        return ok(page(world.state.samples.of(datasetId), query).map(ofSample));
      },
    ),
    route(`GET ${BASE}/samples/{sampleId}`, { query: VERSION }, ({ params: { datasetId, sampleId } }) => {
      const { id } = requireSample(world, datasetId, sampleId);
      return ok(predictions.get(id)?.singletons ?? []);
    }),
  ];
}

function findTask(world: World, datasetId: string, name: string): PredictionTask | undefined {
  return world.state.predictionTasks.of(datasetId).find(({ schema }) => schema.name === name);
}

function requireTask(world: World, datasetId: string, name: string): PredictionTask {
  const task = findTask(world, datasetId, name);
  if (task === undefined) {
    throw unknown("PREDICTION_TASK_SCHEMA_UNKNOWN", `The dataset has no prediction task ${name}.`);
  }
  return task;
}

const withoutMask = (one: SamplePredictions["singletons"][number]) =>
  "segmentation" in one ? { ...one, segmentation: [] } : one;
