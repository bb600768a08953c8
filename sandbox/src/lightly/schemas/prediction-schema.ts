import { array, choice, integer, number, object, objectId, string, variants } from "../http/body-schema.ts";
import { taskName } from "./common.ts";

const share = number({ min: 0, max: 1 });
const bbox = array(number({ min: 0 }), { min: 4, max: 4 });
const segmentation = array(integer({ min: 0 }));
const category = { id: integer({ min: 0 }), name: string({ min: 1 }) };
const keypoints = {
  keypointNames: array(string({ min: 1 })),
  keypointSkeleton: array(array(integer({ min: 0 }), { min: 2, max: 2 })),
};

const task = <const T extends string>(type: T) =>
  object({ name: taskName, type: choice(type), categories: array(object(category)) });

/** `PredictionTaskSchema`: the properties that a prediction task adds to a sample. */
export const taskSchema = variants("type", {
  CLASSIFICATION: task("CLASSIFICATION"),
  OBJECT_DETECTION: task("OBJECT_DETECTION"),
  SEMANTIC_SEGMENTATION: task("SEMANTIC_SEGMENTATION"),
  INSTANCE_SEGMENTATION: task("INSTANCE_SEGMENTATION"),
  KEYPOINT_DETECTION: object({
    ...{ name: taskName, type: choice("KEYPOINT_DETECTION") },
    categories: array(object(category, keypoints)),
  }),
});

const common = { taskName, categoryId: integer({ min: 0 }), score: share };
const options = { cropDatasetId: objectId, cropSampleId: objectId, probabilities: array(share) };

/** `PredictionSingleton`: one prediction of a task. */
export const singleton = variants("type", {
  CLASSIFICATION: object({ type: choice("CLASSIFICATION"), ...common }, options),
  OBJECT_DETECTION: object({ type: choice("OBJECT_DETECTION"), ...common, bbox }, options),
  SEMANTIC_SEGMENTATION: object({ type: choice("SEMANTIC_SEGMENTATION"), ...common, segmentation }, options),
  INSTANCE_SEGMENTATION: object({ type: choice("INSTANCE_SEGMENTATION"), ...common, segmentation, bbox }, options),
  KEYPOINT_DETECTION: object(
    { type: choice("KEYPOINT_DETECTION"), ...common, keypoints: array(number({ min: 0 }), { min: 3 }) },
    { ...options, bbox },
  ),
});
