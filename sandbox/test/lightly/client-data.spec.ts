import assert from "node:assert/strict";
import { type LightlyFixture, prepareDataset, startLightly } from "./lightly-fixture.ts";

describe("Data that clients add to a dataset", () => {
  let lightly: LightlyFixture;
  let base: string;
  let samples: string[];

  beforeEach(async () => {
    lightly = await startLightly();
    base = `/v1/datasets/${await prepareDataset(lightly)}`;
    samples = [];
    for (const fileName of ["a.png", "b.png"]) {
      samples.push((await lightly.expect(201, "POST", `${base}/samples`, { fileName })).id);
    }
  });
  afterEach(() => lightly.close());

  async function refused(status: number, code: string, method: string, path: string, body?: unknown): Promise<void> {
    assert.equal((await lightly.expect(status, method, `${base}${path}`, body)).code, code);
  }

  it("can be custom metadata of samples, and configurations of how it is shown", async () => {
    const customMetaData = { weather: { scenario: "cloudy", temperature: 20.3 }, people: 3 };
    await lightly.expect(204, "PUT", `${base}/samples/${samples[0]}`, { customMetaData });
    const sample = await lightly.expect(200, "GET", `${base}/samples/${samples[0]}`);
    assert.deepEqual([sample.fileName, sample.customMetaData], ["a.png", customMetaData]);
    const path = "/configuration/metadata";
    const entry = { name: "Weather", path: "weather.scenario", defaultValue: null, valueDataType: "OTHER_STRING" };
    const { id } = await lightly.expect(201, "POST", base + path, { name: "mine", configs: [entry] });
    await lightly.expect(204, "PUT", `${base}${path}/${id}`, { name: "renamed", configs: [entry] });
    const { name, configs, ...rest } = await lightly.expect(200, "GET", `${base}${path}/${id}`);
    assert.deepEqual([name, configs], ["renamed", [entry]]);
    assert.deepEqual(Object.keys(rest).sort(), ["createdAt", "id", "lastModifiedAt"]);
    assert.equal((await lightly.expect(200, "GET", base + path)).length, 1);
    const wrong = { name: "mine", configs: [{ ...entry, valueDataType: "STRING" }] };
    await refused(400, "MALFORMED_REQUEST", "POST", path, wrong);
    await refused(404, "METADATA_CONFIGURATION_UNKNOWN", "GET", `${path}/${samples[0]}`);
  });

  it("can be prediction tasks and predictions; new predictions of a task replace its earlier ones", async () => {
    const categories = [{ id: 0, name: "car" }];
    const tasks = `${base}/predictions/tasks`;
    for (const [name, type] of [
      ["det/cars", "OBJECT_DETECTION"],
      ["weather", "CLASSIFICATION"],
    ]) {
      await lightly.expect(201, "POST", `${tasks}?predictionUUIDTimestamp=-1`, { name, type, categories });
    }
    const { schemas } = await lightly.expect(200, "GET", tasks);
    assert.deepEqual(
      schemas.map(({ name }: { name: string }) => name),
      ["det/cars", "weather"],
    );
    assert.equal((await lightly.expect(200, "GET", `${tasks}/det%2Fcars`)).type, "OBJECT_DETECTION");
    const box = { type: "OBJECT_DETECTION", taskName: "det/cars", categoryId: 0, score: 0.9, bbox: [1, 2, 3, 4] };
    const sunny = { type: "CLASSIFICATION", taskName: "weather", categoryId: 0, score: 1 };
    const path = `/predictions/samples/${samples[0]}`;
    await lightly.expect(201, "POST", base + path, [box, box, sunny]);
    await lightly.expect(201, "POST", base + path, [{ ...box, score: 0.5 }]);
    assert.deepEqual(await lightly.expect(200, "GET", base + path), [sunny, { ...box, score: 0.5 }]);
    assert.deepEqual(await lightly.expect(200, "GET", `${base}/predictions/samples?taskName=weather`), [[sunny], []]);
    const duplicates = { name: "double", type: "CLASSIFICATION", categories: [...categories, ...categories] };
    await refused(400, "PREDICTION_TASK_SCHEMA_CATEGORIES_NOT_UNIQUE", "POST", "/predictions/tasks", duplicates);
    await refused(404, "PREDICTION_TASK_SCHEMA_UNKNOWN", "POST", path, [{ ...sunny, taskName: "none" }]);
    await refused(400, "MALFORMED_REQUEST", "POST", path, [{ ...box, bbox: [1, 2, 3] }]);
  });

  it("can be active learning scores, one for each sample of a tag or of the dataset", async () => {
    const { id: tag } = await lightly.expect(201, "POST", `${base}/tags/initial`, { imgType: "full" });
    for (const [path, query] of [
      [`/tags/${tag}/scores`, ""],
      ["/predictions/scores", "?taskName=weather"],
    ] as const) {
      const { id } = await lightly.expect(201, "POST", base + path + query, { scoreType: "entropy", scores: [0.5, 1] });
      const again = await lightly.expect(201, "POST", base + path + query, { scoreType: "entropy", scores: [0, 1] });
      assert.equal(again.id, id);
      const [summary] = await lightly.expect(200, "GET", base + path);
      assert.deepEqual([summary.scoreType, Object.hasOwn(summary, "scores")], ["entropy", false]);
      assert.deepEqual((await lightly.expect(200, "GET", `${base}${path}/${id}`)).scores, [0, 1]);
      await refused(400, "SCORES_CANNOT_BE_SET", "POST", path + query, { scoreType: "entropy", scores: [1] });
    }
  });

  it("can be the users it is shared with; each list replaces the one before", async () => {
    const path = "/collaboration/access";
    for (const users of [["one@example.com", "two@example.com"], ["one@example.com"]]) {
      await lightly.expect(201, "POST", base + path, { accessType: "WRITE", users, creator: "USER_PIP" });
    }
    const [access, ...more] = await lightly.expect(200, "GET", base + path);
    assert.deepEqual([access.users, access.teams, more], [["one@example.com"], [], []]);
    await lightly.expect(204, "DELETE", `${base}${path}/${access.id}`);
    assert.deepEqual(await lightly.expect(200, "GET", base + path), []);
  });

  it("is deleted with the dataset, and survives a restart", async () => {
    const path = `${base}/configuration/metadata`;
    const { id } = await lightly.expect(201, "POST", path, { name: "mine", configs: [] });
    await lightly.restart();
    assert.equal((await lightly.expect(200, "GET", path))[0].name, "mine");
    await lightly.expect(204, "DELETE", base);
    await lightly.restart();
    const { id: other } = await lightly.expect(201, "POST", "/v1/datasets", { name: "another one" });
    await lightly.expect(404, "GET", `/v1/datasets/${other}/configuration/metadata/${id}`);
  });

  it("is counted in the enriched form of the dataset", async () => {
    const [dataset] = await lightly.expect(200, "GET", "/v1/datasets/enriched");
    assert.deepEqual([dataset.samples, dataset.nTags, dataset.nEmbeddings], [samples, 0, 0]);
    assert.equal(Object.hasOwn(dataset, "datasourceProcessedUntilTimestamp"), false);
    await lightly.expect(204, "PUT", `${base}/registerDatasetUpload`, { total: 2, processed: 2 });
  });
});

describe("The service itself", () => {
  let lightly: LightlyFixture;
  before(async () => {
    lightly = await startLightly();
  });
  after(() => lightly.close());

  it("returns 501 with the name of an unsupported operation, so that the request does not look invalid", async () => {
    const { code, error } = await lightly.expect(501, "POST", "/v1/docker/worker/config/v3", { any: "body" });
    assert.equal(code, "NOT_IMPLEMENTED");
    assert.match(error, /The sandbox does not support POST \/v1\/docker\/worker\/config\/v3/);
  });

  it("has a quota: the largest number of samples of a dataset, as text", async () => {
    assert.match(await lightly.expect(200, "GET", "/v1/quota"), /^\d+$/);
  });
});
