import assert from "node:assert/strict";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { parseWorkerConfig, workerConfig } from "../../../../src/services/lightly/workers/worker-config.ts";
import { LEGAL_WORKER_CONFIG } from "../selection/legal-configs.ts";

const { docker: DOCKER, lightly: LIGHTLY } = LEGAL_WORKER_CONFIG;

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
  it("accepts the docker section alone, or both sections, as an object or as text", () => {
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

  it("suggests the camel-case key, because Lightly's Python client uses snake case", () => {
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

  it("contains the two checkboxes by default", () => {
    assert.deepEqual(workerConfig(switches), { docker: switches });
  });

  it("adds extra keys, which take precedence over the checkboxes", () => {
    const extra = parseWorkerConfig({ docker: { useDatapool: true, numProcesses: 4 }, lightly: { seed: 3 } });
    assert.deepEqual(workerConfig({ ...switches, extra }), {
      docker: { shutdownWhenJobFinished: true, useDatapool: true, numProcesses: 4 },
      lightly: { seed: 3 },
    });
  });
});
