import { array, boolean, choice, integer, nullable, number, object, objectId, string } from "../http/body-schema.ts";
import { creator, taskName } from "./common.ts";
import { selection } from "./selection-config-schema.ts";

const share = number({ min: 0, max: 1 });
const text = string();

const datasource = object(
  {},
  {
    bypassVerify: boolean,
    enableDatapoolUpdate: boolean,
    processAll: boolean,
    inputExpiration: object({ minDaysToExpiration: integer({ min: 0 }), handlingStrategy: choice("SKIP", "ABORT") }),
  },
);

const docker = object(
  {},
  {
    checkpoint: text,
    checkpointRunId: objectId,
    corruptnessCheck: object({}, { corruptionThreshold: share }),
    datasource,
    crops: object({}, { enableUpload: boolean, enableUploadForTasks: nullable(array(taskName)) }),
    embeddings: text,
    enableTraining: boolean,
    training: object({}, { taskName }),
    normalizeEmbeddings: boolean,
    numProcesses: integer({ min: -1 }),
    numThreads: integer({ min: -1 }),
    outputImageFormat: text,
    pretagging: boolean,
    pretaggingUpload: boolean,
    relevantFilenamesFile: text,
    selectedSequenceLength: integer({ min: 1 }),
    uploadReport: boolean,
    useDatapool: boolean,
    shutdownWhenJobFinished: boolean,
    cacheSize: integer({ min: -1 }),
  },
);

const collate = object(
  {},
  {
    inputSize: integer({ min: 1 }),
    cjProb: share,
    cjBright: share,
    cjContrast: share,
    cjSat: share,
    cjHue: share,
    minScale: share,
    randomGrayScale: share,
    gaussianBlur: share,
    vfProb: share,
    hfProb: share,
    rrProb: share,
    kernelSize: number({ min: 0 }),
    sigmas: array(number({ above: 0 }), { min: 2, max: 2 }),
    rrDegrees: nullable(array(number(), { min: 2, max: 2 })),
  },
);

const lightly = object(
  {},
  {
    seed: integer(),
    checkpointCallback: object({}, { saveLast: boolean }),
    loader: object(
      {},
      { batchSize: integer({ min: 1 }), shuffle: boolean, numWorkers: integer({ min: -1 }), dropLast: boolean },
    ),
    model: object(
      {},
      {
        name: choice("resnet-18", "resnet-34", "resnet-50", "resnet-101", "resnet-152"),
        outDim: integer({ min: 1 }),
        numFtrs: integer({ min: 1 }),
        width: integer({ min: 1 }),
      },
    ),
    trainer: object({}, { gpus: integer({ min: 0 }), maxEpochs: integer({ min: 0 }), precision: choice(16, 32) }),
    criterion: object({}, { temperature: number({ above: 0 }) }),
    optimizer: object({}, { lr: number({ min: 0 }), weightDecay: share }),
    collate,
  },
);

/** The body of POST /v1/docker/worker/config/vX. Only version 4 is supported. */
export const configRequest = object(
  { version: choice("V4"), config: object({ workerType: choice("FULL") }, { docker, lightly, selection }) },
  { creator },
);
