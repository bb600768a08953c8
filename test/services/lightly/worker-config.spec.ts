import assert from "node:assert/strict";
import type { PipelineError } from "../../../src/errors/pipeline-error.ts";
import { parseWorkerConfig, workerConfig } from "../../../src/services/lightly/worker-config.ts";
import { RUN } from "./stub-lightly.ts";

const DOCKER = {
  checkpoint: "model.ckpt",
  checkpointRunId: RUN,
  corruptnessCheck: { corruptionThreshold: 0.1 },
  datasource: {
    bypassVerify: true,
    enableDatapoolUpdate: true,
    processAll: false,
    inputExpiration: { minDaysToExpiration: 0, handlingStrategy: "SKIP" },
  },
  crops: { enableUpload: true, enableUploadForTasks: null },
  embeddings: "e.csv",
  enableTraining: false,
  training: { taskName: "" },
  normalizeEmbeddings: true,
  numProcesses: -1,
  numThreads: 8,
  outputImageFormat: "png",
  pretagging: false,
  pretaggingUpload: false,
  relevantFilenamesFile: "relevant.txt",
  selectedSequenceLength: 1,
  cacheSize: -1,
  uploadReport: true,
  useDatapool: true,
  shutdownWhenJobFinished: true,
};
const LIGHTLY = {
  seed: 1,
  checkpointCallback: { saveLast: true },
  loader: { batchSize: 1, shuffle: true, numWorkers: -1, dropLast: true },
  model: { name: "resnet-18", outDim: 1, numFtrs: 1, width: 1 },
  trainer: { gpus: 0, maxEpochs: 0, precision: 16 },
  criterion: { temperature: 0.1 },
  optimizer: { lr: 0, weightDecay: 1 },
  collate: {
    ...{ inputSize: 1, cjProb: 0, cjBright: 1, cjContrast: 0.5, cjSat: 0.5, cjHue: 0.5, minScale: 0.5 },
    ...{ randomGrayScale: 0.5, gaussianBlur: 0.5, kernelSize: 0, sigmas: [0.1, 2], vfProb: 0, hfProb: 0, rrProb: 0 },
    rrDegrees: [-10, 10],
  },
};

const firstFault = (value: unknown): { path: string; problem: string } | undefined => {
  let fault: { path: string; problem: string } | undefined;
  assert.throws(
    () => parseWorkerConfig(value),
    (error: PipelineError) => {
      assert.equal(error.code, "LIGHTLY_WORKER_CONFIG_INVALID");
      [fault] = error.details.faults as [{ path: string; problem: string }];
      return true;
    },
  );
  return fault;
};

describe("parseWorkerConfig", () => {
  it("takes the docker section alone, or both sections, as an object or as text", () => {
    assert.deepEqual(parseWorkerConfig(DOCKER), { docker: DOCKER });
    assert.deepEqual(parseWorkerConfig({ docker: DOCKER, lightly: LIGHTLY }), { docker: DOCKER, lightly: LIGHTLY });
    assert.deepEqual(parseWorkerConfig(JSON.stringify({ lightly: LIGHTLY })), { lightly: LIGHTLY });
    assert.deepEqual(parseWorkerConfig("  "), {});
  });

  for (const [value, path] of [
    [{ numProcesses: -2 }, "numProcesses"],
    [{ numThreads: 1.5 }, "numThreads"],
    [{ selectedSequenceLength: 0 }, "selectedSequenceLength"],
    [{ cacheSize: -2 }, "cacheSize"],
    [{ useDatapool: "true" }, "useDatapool"],
    [{ checkpointRunId: "x" }, "checkpointRunId"],
    [{ corruptnessCheck: { corruptionThreshold: 1.1 } }, "corruptnessCheck.corruptionThreshold"],
    [
      { datasource: { inputExpiration: { handlingStrategy: "SKIP" } } },
      "datasource.inputExpiration.minDaysToExpiration",
    ],
    [
      { datasource: { inputExpiration: { minDaysToExpiration: 1, handlingStrategy: "WAIT" } } },
      "datasource.inputExpiration.handlingStrategy",
    ],
    [{ lightly: { trainer: { precision: 64 } } }, "lightly.trainer.precision"],
    [{ lightly: { model: { name: "resnet-20" } } }, "lightly.model.name"],
    [{ lightly: { loader: { batchSize: 0 } } }, "lightly.loader.batchSize"],
    [{ lightly: { criterion: { temperature: 0 } } }, "lightly.criterion.temperature"],
    [{ lightly: { collate: { sigmas: [1] } } }, "lightly.collate.sigmas"],
    [{ docker: {}, useDatapool: true }, "useDatapool"],
  ] as const) {
    it(`refuses ${JSON.stringify(value)} at ${path}`, () => {
      assert.equal(firstFault(value)?.path, path);
    });
  }

  it("asks whether the camel-case key was meant, since Lightly's Python client spells them otherwise", () => {
    const fault = firstFault({ shutdown_when_job_finished: true });
    assert.equal(fault?.path, "shutdown_when_job_finished");
    assert.match(fault?.problem ?? "", /did you mean shutdownWhenJobFinished\?/);
  });

  for (const value of [null, [], 3, "3", "{"]) {
    it(`refuses ${JSON.stringify(value)} as a whole`, () => {
      assert.throws(() => parseWorkerConfig(value), { code: "LIGHTLY_WORKER_CONFIG_INVALID" });
    });
  }
});

describe("workerConfig", () => {
  const switches = { shutdownWhenJobFinished: true, useDatapool: false };

  it("is the two switches where nothing else is asked for", () => {
    assert.deepEqual(workerConfig(switches), { docker: switches });
  });

  it("adds what else is asked for, which wins over a switch of the same name", () => {
    const extra = parseWorkerConfig({ docker: { useDatapool: true, numProcesses: 4 }, lightly: { seed: 3 } });
    assert.deepEqual(workerConfig({ ...switches, extra }), {
      docker: { shutdownWhenJobFinished: true, useDatapool: true, numProcesses: 4 },
      lightly: { seed: 3 },
    });
  });
});
