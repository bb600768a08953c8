import assert from "node:assert/strict";
import { CONFIG, type LightlyFixture, prepareDataset, startLightly } from "./lightly-fixture.ts";

describe("refusals of the API for runs", () => {
  let lightly: LightlyFixture;
  let dataset: string;

  before(async () => {
    lightly = await startLightly();
    dataset = await prepareDataset(lightly);
  });
  after(() => lightly.close());

  /** Asserts status, code and message of a refusal. */
  async function refused(status: number, code: string, saying: RegExp, method: string, path: string, body?: unknown) {
    const { code: actual, error, ...rest } = await lightly.expect(status, method, path, body);
    assert.equal(actual, code);
    assert.match(error, saying);
    assert.deepEqual(rest, {});
  }

  describe("in worker configs", () => {
    const config = (fields: object) => ({ ...CONFIG, config: { ...CONFIG.config, ...fields } });
    const selection = (strategy: object, input: object = {}) =>
      config({
        selection: {
          nSamples: 10,
          strategies: [{ input: { type: "EMBEDDINGS", ...input }, strategy: { type: "DIVERSITY", ...strategy } }],
        },
      });
    const post = (saying: RegExp, body: unknown) =>
      refused(400, "DOCKER_WORKER_CONFIG_INVALID", saying, "POST", "/v1/docker/worker/config/vX", body);

    it("accepts the only key in snake case, and refuses it in camel case", async () => {
      const body = selection({ stopping_condition_minimum_distance: 0.1, stoppingConditionMaxSum: 3 });
      const { id } = await lightly.expect(201, "POST", "/v1/docker/worker/config/vX", body);
      const stored = await lightly.expect(200, "GET", `/v1/docker/worker/config/vX/${id}`);
      assert.deepEqual([stored.version, stored.config], ["V4", body.config]);
      await post(/strategies\[0\]\.strategy\.stoppingConditionMinimumDistance is not a known key/, {
        ...selection({ stoppingConditionMinimumDistance: 0.1 }),
      });
    });

    it("refuses snake case everywhere else", async () => {
      await post(
        /config\.docker\.shutdown_when_job_finished/,
        config({ docker: { shutdown_when_job_finished: true } }),
      );
      await post(/config\.selection\.n_samples/, config({ selection: { n_samples: 1, strategies: [] } }));
    });

    it("accepts any class names of a target, and converts nothing", async () => {
      const target = { "traffic light": 0.5, traffic_light: 0.2, __proto: 0.3 };
      const body = config({
        docker: { crops: { enableUpload: true, enableUploadForTasks: null }, cacheSize: -1 },
        lightly: { collate: { rrDegrees: null, sigmas: [0.1, 2] }, trainer: { precision: 16 } },
        selection: {
          proportionSamples: 1,
          strategies: [
            {
              input: { type: "PREDICTIONS", task: "det", name: "CLASS_DISTRIBUTION" },
              strategy: { type: "BALANCE", distribution: "TARGET", target },
            },
          ],
          autoTasks: [{ type: "TILING", name: "tiles", numRows: 2, numCols: 2, overlap: 0.0 }],
        },
      });
      const { id } = await lightly.expect(201, "POST", "/v1/docker/worker/config/vX", body);
      assert.deepEqual((await lightly.expect(200, "GET", `/v1/docker/worker/config/vX/${id}`)).config, body.config);
    });

    it("refuses values outside their limits with their path", async () => {
      await post(
        /config\.selection\.strategies must be an array of at least 1/,
        config({ selection: { strategies: [] } }),
      );
      await post(
        /strategy\.numNearestNeighbors must be a whole number, at least 2/,
        selection({ numNearestNeighbors: 1.5 }),
      );
      await post(/input\.type must be one of EMBEDDINGS/, selection({}, { type: "EMBEDDING" }));
      await post(/proportionSamples/, config({ selection: { ...CONFIG.config.selection, proportionSamples: 1.1 } }));
      await post(/useDatapool must be true or false/, config({ docker: { useDatapool: "true" } }));
      await post(/version must be one of V4/, { ...CONFIG, version: "V3" });
      await post(/config\.workerType is missing/, { version: "V4", config: {} });
    });
  });

  describe("in schedules", () => {
    it("needs a known config, a known priority and both datasources", async () => {
      const path = `/v1/datasets/${dataset}/docker/worker/schedule`;
      const { id: configId } = await lightly.expect(201, "POST", "/v1/docker/worker/config/vX", CONFIG);
      const unknown = { configId: "0".repeat(24), priority: "MID" };
      await refused(404, "DOCKER_WORKER_CONFIG_UNKNOWN", /./, "POST", path, unknown);
      await refused(400, "MALFORMED_REQUEST", /priority/, "POST", path, { configId, priority: "URGENT" });
      await refused(400, "MALFORMED_REQUEST", /priority is missing/, "POST", path, { configId });
      const { id: bare } = await lightly.expect(201, "POST", "/v1/datasets", { name: "without datasources" });
      const body = { configId, priority: "MID" };
      const barePath = `/v1/datasets/${bare}/docker/worker/schedule`;
      await refused(404, "DATASET_DATASOURCE_UNKNOWN", /INPUT/, "POST", barePath, body);
      await lightly.expect(201, "POST", `${barePath}?disableConfigValidation=True`, body);
    });

    it("refuses a config whose file of relevant names is missing with 422", async () => {
      lightly.objects.set("lightly-output/lightly/.lightly/names.txt", {
        body: Buffer.from("a.mp4"),
        lastModified: new Date(),
      });
      const path = `/v1/datasets/${dataset}/docker/worker/schedule`;
      for (const [file, status] of [
        [".lightly/names.txt", 201],
        [".lightly/name.txt", 422],
      ] as const) {
        const body = { ...CONFIG, config: { ...CONFIG.config, docker: { relevantFilenamesFile: file } } };
        const { id: configId } = await lightly.expect(201, "POST", "/v1/docker/worker/config/vX", body);
        await lightly.expect(status, "POST", path, { configId, priority: "MID" });
      }
    });
  });
});
