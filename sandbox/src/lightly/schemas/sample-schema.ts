import { array, freeObject, integer, number, object, objectId, string } from "../http/body-schema.ts";
import { taskName } from "./common.ts";

const positive = number({ min: 0 });
const triple = (item = positive) => array(item, { min: 3, max: 3 });

const metaData = object(
  {},
  {
    custom: freeObject,
    dynamic: freeObject,
    sharpness: positive,
    luminance: number({ min: 0, max: 100 }),
    sizeInBytes: integer({ min: 0 }),
    snr: positive,
    uniformRowRatio: number({ min: 0, max: 1 }),
    mean: triple(number({ min: 0, max: 1 })),
    shape: triple(integer({ min: 0 })),
    std: triple(),
    sumOfSquares: triple(),
    sumOfValues: triple(),
  },
);

const changeable = { thumbName: string(), exif: freeObject, metaData, customMetaData: freeObject };
const fileName = string({ min: 1, pattern: /^(?!\/|\.\.?\/)/, form: "a path relative to the datasource's root" });

export const sampleCreation = object(
  { fileName },
  {
    ...changeable,
    videoFrameData: object(
      {},
      { sourceVideo: string(), sourceVideoFrameIndex: number(), sourceVideoFrameTimestamp: number() },
    ),
    cropData: object({
      parentId: objectId,
      predictionUUIDTimestamp: integer({ min: 0 }),
      predictionIndex: integer({ min: 0 }),
      predictionTaskName: taskName,
      predictionTaskCategoryId: integer({ min: 0 }),
      predictionTaskScore: number({ min: 0, max: 1 }),
    }),
  },
);

export const sampleUpdate = object({}, { fileName, ...changeable });
