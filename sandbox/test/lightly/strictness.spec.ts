import assert from "node:assert/strict";
import http from "node:http";
import {
  datasource,
  type LightlyFixture,
  prepareDataset,
  registerWorker,
  startLightly,
  TOKEN,
} from "./lightly-fixture.ts";

describe("refusals of the API", () => {
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

  describe("of access", () => {
    it("refuses a missing, wrong or truncated token with 401", async () => {
      for (const query of ["", "?token=", "?token=wrong", `?token=${TOKEN.slice(1)}`]) {
        const response = await fetch(`${lightly.url}/v1/datasets${query}`);
        assert.equal(response.status, 401);
        assert.equal(((await response.json()) as { code: string }).code, "UNAUTHORIZED");
      }
    });

    it("accepts the token as a bearer token too", async () => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      assert.equal((await fetch(`${lightly.url}/v1/datasets`, { headers })).status, 200);
    });

    it("refuses a Host that is not local, to prevent DNS rebinding", async () => {
      const port = Number(new URL(lightly.url).port);
      const statusOf = (host: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          const path = `/v1/datasets?token=${TOKEN}`;
          http
            .get({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
              response.resume();
              resolve(response.statusCode);
            })
            .on("error", reject);
        });
      assert.equal(await statusOf(`evil.example:${port}`), 403);
      assert.equal(await statusOf(`localhost:${port}`), 200);
    });

    it("has no token in its log or its refusals", async () => {
      await fetch(`${lightly.url}/v1/datasets?token=${TOKEN}&pagesize=5`);
      const refusal = await fetch(`${lightly.url}/v1/nowhere?token=${TOKEN}`);
      assert.doesNotMatch(await refusal.text(), new RegExp(TOKEN));
      assert.doesNotMatch(lightly.log.join("\n"), new RegExp(TOKEN));
      assert.ok(lightly.log.includes("lightly: GET /v1/datasets was answered 400"));
    });
  });

  describe("of form", () => {
    it("returns 404 for an unknown path or method", async () => {
      await refused(404, "NOT_FOUND", /no such/, "GET", "/v1/data-sets");
      await refused(404, "NOT_FOUND", /no such/, "DELETE", "/v1/datasets");
    });

    it("refuses a body that is not JSON, is not declared as JSON, or is not expected", async () => {
      const url = `${lightly.url}/v1/datasets?token=${TOKEN}`;
      const json = { "content-type": "application/json" };
      for (const init of [
        { body: "{", headers: json },
        { body: '{"name":"abc"}', headers: { "content-type": "text/plain" } },
      ]) {
        assert.equal((await fetch(url, { method: "POST", ...init })).status, 400);
      }
      const path = `/v1/datasets/${dataset}/docker/worker/schedule/${dataset}`;
      await refused(400, "MALFORMED_REQUEST", /must not have a body/, "PUT", path, { state: "CANCELED" });
    });

    it("refuses a misspelled query parameter and one of the wrong type, but accepts Python's True and False", async () => {
      await refused(400, "BAD_REQUEST", /page_size/, "GET", "/v1/datasets?page_size=5");
      await refused(400, "BAD_REQUEST", /pageSize/, "GET", "/v1/datasets?pageSize=0");
      await refused(400, "BAD_REQUEST", /shared/, "GET", "/v1/datasets?shared=no");
      assert.equal((await lightly.expect(200, "GET", "/v1/datasets?shared=False&pageSize=1")).length, 1);
      assert.deepEqual(await lightly.expect(200, "GET", "/v1/datasets?shared=True"), []);
    });
  });

  describe("of datasets", () => {
    it("refuses names outside Lightly's rules", async () => {
      for (const name of ["ab", "-abc", "a/b/c", "späti", "a.b.c", "", 5]) {
        await refused(400, "MALFORMED_REQUEST", /^name must be/, "POST", "/v1/datasets", { name, type: "Videos" });
      }
    });

    it("refuses an existing name with 409, even when renaming", async () => {
      const body = { name: "dataset-name", type: "Videos" };
      await refused(409, "DATASET_NAME_EXISTS", /dataset-name/, "POST", "/v1/datasets", body);
      const { id } = await lightly.expect(201, "POST", "/v1/datasets", { name: "dataset-name 2" });
      await refused(409, "DATASET_NAME_EXISTS", /./, "PUT", `/v1/datasets/${id}`, { name: "dataset-name" });
      await lightly.expect(204, "DELETE", `/v1/datasets/${id}`);
    });

    it("finds names by prefix, and by the exact name if requested", async () => {
      const { id } = await lightly.expect(201, "POST", "/v1/datasets", { name: "dataset-name_1" });
      const names = async (query: string) =>
        (await lightly.expect(200, "GET", `/v1/datasets/query/name/${query}`)).map(
          ({ name }: { name: string }) => name,
        );
      assert.deepEqual(await names("dataset-name"), ["dataset-name", "dataset-name_1"]);
      assert.deepEqual(await names("dataset-name?exact=True"), ["dataset-name"]);
      assert.deepEqual(await names("a%2Fb%20c"), []);
      await lightly.expect(204, "DELETE", `/v1/datasets/${id}`);
    });

    it("returns DATASET_UNKNOWN for an unknown dataset", async () => {
      for (const path of ["", "/datasource/all", "/tags", "/samples", "/docker/worker/schedule"]) {
        await refused(404, "DATASET_UNKNOWN", /no dataset/, "GET", `/v1/datasets/${"0".repeat(24)}${path}`);
      }
    });
  });

  describe("of datasources", () => {
    const put = (saying: RegExp, fields: object) =>
      refused(400, "DATASET_DATASOURCE_INVALID", saying, "PUT", `/v1/datasets/${dataset}/datasource`, {
        ...datasource("INPUT"),
        ...fields,
      });

    it("refuses ARNs, external ids, regions and paths outside Lightly's rules", async () => {
      await put(/^s3ARN must be/, { s3ARN: "arn:aws:iam::123:role/x" });
      await put(/^s3ExternalId must be/, { s3ExternalId: "too-short" });
      await put(/^s3ExternalId must be/, { s3ExternalId: "blank in it ok?" });
      await put(/^s3Region must be one of/, { s3Region: "il-central-1" });
      await put(/^fullPath must be/, { fullPath: "https://lightly-input/videos" });
      await put(/^fullPath must be/, { fullPath: "/lightly-input/videos" });
      await put(/^purpose must be one of/, { purpose: "OUTPUT" });
    });

    it("refuses misspelled acronyms", async () => {
      await put(/s3Arn is not a known key/, { s3Arn: "arn:aws:iam::123456789012:role/LightlyAccess" });
      await put(/s3AccessKeyId is not a known key/, { s3AccessKeyId: "AKIA" });
      const { s3ARN: _, ...withoutRole } = datasource("INPUT");
      const path = `/v1/datasets/${dataset}/datasource`;
      await refused(400, "DATASET_DATASOURCE_INVALID", /^s3ARN is missing/, "PUT", path, withoutRole);
    });

    it("stores one datasource per purpose, and returns each of them with its id", async () => {
      const all = await lightly.expect(200, "GET", `/v1/datasets/${dataset}/datasource/all`);
      assert.deepEqual(
        all.map(({ id, ...config }: { id: string }) => config),
        [datasource("INPUT"), datasource("LIGHTLY")],
      );
      const path = `/v1/datasets/${dataset}/datasource`;
      await refused(404, "DATASET_DATASOURCE_UNKNOWN", /INPUT_OUTPUT/, "GET", path);
      assert.equal((await lightly.expect(200, "GET", `${path}?purpose=LIGHTLY`)).purpose, "LIGHTLY");
    });

    it("accepts the processed-until timestamp only in seconds", async () => {
      const path = `/v1/datasets/${dataset}/datasource/processedUntilTimestamp`;
      assert.deepEqual(await lightly.expect(200, "GET", path), { processedUntilTimestamp: 0 });
      const body = { processedUntilTimestamp: 1_700_000_000_000 };
      await refused(400, "MALFORMED_REQUEST", /processedUntilTimestamp/, "PUT", path, body);
      await lightly.expect(204, "PUT", path, { processedUntilTimestamp: 1_700_000_000 });
      const { datasourceProcessedUntilTimestamp } = await lightly.expect(200, "GET", `/v1/datasets/${dataset}`);
      assert.equal(datasourceProcessedUntilTimestamp, 1_700_000_000);
    });
  });

  it("registers a worker's name once, and deletes it", async () => {
    const id = await registerWorker(lightly, "worker-1", ["a"]);
    assert.equal(await registerWorker(lightly, "worker-1", ["a"]), id);
    const worker = await lightly.expect(200, "GET", `/v1/docker/worker/${id}`);
    assert.deepEqual(
      [worker.workerType, worker.state, worker.labels, Object.hasOwn(worker, "userId")],
      ["FULL", "IDLE", ["a"], true],
    );
    await lightly.expect(204, "DELETE", `/v1/docker/worker/${id}`);
    await refused(404, "DOCKER_WORKER_UNKNOWN", /./, "GET", `/v1/docker/worker/${id}`);
  });
});
