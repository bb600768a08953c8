import { OBJECT_ID, TASK_NAME } from "../selection/selection-rules.ts";
import { arrayOf, object } from "../validation/container-rules.ts";
import { flag, integer, number, oneOf, orNull, string } from "../validation/value-rules.ts";

const FRACTION = number({ min: 0, max: 1 });

/** The section `docker`: the options of the worker. */
export const DOCKER_SECTION = object(
  {},
  {
    checkpoint: string(),
    checkpointRunId: OBJECT_ID,
    corruptnessCheck: object({}, { corruptionThreshold: FRACTION }),
    datasource: object(
      {},
      {
        bypassVerify: flag,
        enableDatapoolUpdate: flag,
        processAll: flag,
        inputExpiration: object(
          { minDaysToExpiration: number({ min: 0 }), handlingStrategy: oneOf(["SKIP", "ABORT"]) },
          {},
        ),
      },
    ),
    crops: object({}, { enableUpload: flag, enableUploadForTasks: orNull(arrayOf(TASK_NAME)) }),
    embeddings: string(),
    enableTraining: flag,
    training: object({}, { taskName: TASK_NAME }),
    normalizeEmbeddings: flag,
    numProcesses: integer({ min: -1 }),
    numThreads: integer({ min: -1 }),
    outputImageFormat: string(),
    pretagging: flag,
    pretaggingUpload: flag,
    relevantFilenamesFile: string(),
    selectedSequenceLength: integer({ min: 1 }),
    // In bytes; 0 and -1 disable the cache.
    cacheSize: integer({ min: -1 }),
    uploadReport: flag,
    useDatapool: flag,
    shutdownWhenJobFinished: flag,
  },
);

/** The section `lightly`: the training of the embedding model. */
const LIGHTLY_SECTION = object(
  {},
  {
    seed: integer(),
    checkpointCallback: object({}, { saveLast: flag }),
    loader: object(
      {},
      { batchSize: integer({ min: 1 }), shuffle: flag, numWorkers: integer({ min: -1 }), dropLast: flag },
    ),
    model: object(
      {},
      {
        name: oneOf(["resnet-18", "resnet-34", "resnet-50", "resnet-101", "resnet-152"]),
        outDim: integer({ min: 1 }),
        numFtrs: integer({ min: 1 }),
        width: integer({ min: 1 }),
      },
    ),
    trainer: object({}, { gpus: integer({ min: 0 }), maxEpochs: integer({ min: 0 }), precision: oneOf([16, 32]) }),
    criterion: object({}, { temperature: number({ above: 0 }) }),
    optimizer: object({}, { lr: number({ min: 0 }), weightDecay: FRACTION }),
    collate: object(
      {},
      {
        inputSize: integer({ min: 1 }),
        cjProb: FRACTION,
        cjBright: FRACTION,
        cjContrast: FRACTION,
        cjSat: FRACTION,
        cjHue: FRACTION,
        minScale: FRACTION,
        randomGrayScale: FRACTION,
        gaussianBlur: FRACTION,
        kernelSize: number({ min: 0 }),
        sigmas: arrayOf(number({ above: 0 }), { length: 2 }),
        vfProb: FRACTION,
        hfProb: FRACTION,
        rrProb: FRACTION,
        rrDegrees: orNull(arrayOf(number(), { length: 2 })),
      },
    ),
  },
);

/** Both sections, each with its name in the API. */
export const WORKER_CONFIG = object({}, { docker: DOCKER_SECTION, lightly: LIGHTLY_SECTION });
