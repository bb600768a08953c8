import { indicesOf, readBitMask } from "../bit-mask.ts";
import { invalid, unknown } from "../http/api-fault.ts";
import { array, number, object, string } from "../http/body-schema.ts";
import { required, text } from "../http/query-parameters.ts";
import { created, ok, type Route, route } from "../http/router.ts";
import type { Scores } from "../state/lightly-records.ts";
import { requireDataset, type World } from "../world.ts";
import { requireTag } from "./tag-routes.ts";

const OF_TAG = "/v1/datasets/{datasetId}/tags/{tagId}/scores";
const OF_TASK = "/v1/datasets/{datasetId}/predictions/scores";
/** Deprecated at Lightly, and ignored. */
const VERSION = { predictionUUIDTimestamp: text };

const request = object({
  scoreType: string({ min: 1, pattern: /^[a-zA-Z0-9_+=,.@:/-]*$/ }),
  scores: array(number(), { min: 1 }),
});

/** Routes of active learning scores: of the samples of a tag, or of a prediction task for all samples. */
export function scoreRoutes(world: World): Route[] {
  const { scores } = world.state;
  const put = (fields: Omit<Scores, "id" | "createdAt">, expected: number): { id: string } => {
    if (fields.scores.length !== expected) {
      const message = `There must be one score for each of the ${expected} samples, not ${fields.scores.length}.`;
      throw invalid("SCORES_CANNOT_BE_SET", message);
    }
    const before = scores.of(fields.datasetId).find((other) => isSameKind(other, fields));
    const { id } = scores.put({ ...fields, id: before?.id ?? world.newId(), createdAt: world.now() });
    return { id };
  };
  const find = (datasetId: string, scoreId: string, tagId?: string): Scores => {
    const found = scores.get(scoreId);
    if (found?.datasetId !== datasetId || found.tagId !== tagId) {
      throw unknown("SCORE_UNKNOWN", `There are no scores ${scoreId}.`);
    }
    return found;
  };

  return [
    route(`POST ${OF_TAG}`, { body: request }, ({ params: { datasetId, tagId }, body }) => {
      const { id, bitMaskData } = requireTag(world, datasetId, tagId);
      return created(put({ ...body, datasetId, tagId: id }, indicesOf(readBitMask(bitMaskData)).length));
    }),
    route(`GET ${OF_TAG}`, {}, ({ params: { datasetId, tagId } }) => {
      const { id } = requireTag(world, datasetId, tagId);
      const found = scores.of(datasetId).filter((one) => one.tagId === id);
      return ok(found.map(({ scores: _, ...data }) => tagScores(data)));
    }),
    route(`GET ${OF_TAG}/{scoreId}`, {}, ({ params: { datasetId, tagId, scoreId } }) => {
      const { id } = requireTag(world, datasetId, tagId);
      return ok(tagScores(find(datasetId, scoreId, id)));
    }),
    route(
      `POST ${OF_TASK}`,
      { query: { ...VERSION, taskName: required(text) }, body: request },
      ({ params: { datasetId }, query: { taskName }, body }) => {
        requireDataset(world, datasetId);
        return created(put({ ...body, datasetId, taskName }, world.state.samples.of(datasetId).length));
      },
    ),
    route(`GET ${OF_TASK}`, { query: VERSION }, ({ params: { datasetId } }) => {
      requireDataset(world, datasetId);
      const found = scores.of(datasetId).filter(({ tagId }) => tagId === undefined);
      return ok(found.map(({ scores: _, ...data }) => taskScores(data)));
    }),
    route(`GET ${OF_TASK}/{scoreId}`, {}, ({ params: { datasetId, scoreId } }) => {
      requireDataset(world, datasetId);
      return ok(taskScores(find(datasetId, scoreId)));
    }),
  ];
}

type Kind = Pick<Scores, "tagId" | "taskName" | "scoreType">;

const isSameKind = (one: Kind, other: Kind): boolean =>
  one.tagId === other.tagId && one.taskName === other.taskName && one.scoreType === other.scoreType;

const tagScores = <T extends { datasetId: string }>({ datasetId: _, ...data }: T) => data;
const taskScores = <T extends { createdAt: number }>(data: T) => ({ ...data, predictionUUIDTimestamp: data.createdAt });
