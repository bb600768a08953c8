import assert from "node:assert/strict";
import { type LightlyFixture, prepareDataset, startLightly } from "./lightly-fixture.ts";

describe("Embeddings", () => {
  let lightly: LightlyFixture;
  let base: string;

  beforeEach(async () => {
    lightly = await startLightly();
    base = `/v1/datasets/${await prepareDataset(lightly)}/embeddings`;
  });
  afterEach(() => lightly.close());

  async function upload(query: string, csv = "filenames,embedding_0,labels\na.png,0.5,0\n"): Promise<string> {
    const { embeddingId, signedWriteUrl } = await lightly.expect(200, "GET", `${base}/writeCSVUrl${query}`);
    assert.equal((await fetch(signedWriteUrl, { method: "PUT", body: csv })).status, 200);
    return embeddingId;
  }

  it("are returned as uploaded, the newest first, because clients use the first one", async () => {
    const first = await upload("");
    lightly.clock.advance(1000);
    const second = await upload("?name=second", "filenames,labels\n");
    const list = await lightly.expect(200, "GET", base);
    assert.deepEqual(
      list.map(({ id, name, isProcessed }: Record<string, unknown>) => [id, name, isProcessed]),
      [
        [second, "second", true],
        [first, "default", true],
      ],
    );
    const url = await lightly.expect(200, "GET", `${base}/${first}/readCSVUrl`);
    assert.equal(await (await fetch(url)).text(), "filenames,embedding_0,labels\na.png,0.5,0\n");
    assert.equal((await lightly.expect(409, "GET", `${base}/writeCSVUrl?name=second`)).code, "EMBEDDING_NAME_EXISTS");
  });

  it("are processed only once their file is uploaded", async () => {
    const { embeddingId } = await lightly.expect(200, "GET", `${base}/writeCSVUrl?name=pending`);
    const path = `${base}/${embeddingId}/isProcessed`;
    assert.equal((await lightly.expect(409, "PUT", path, { rowCount: 1 })).code, "EMBEDDING_NOT_READY");
    assert.equal((await lightly.expect(200, "GET", base))[0].isProcessed, false);
    await lightly.expect(204, "PUT", `${base}/${await upload("")}/isProcessed`, { rowCount: 1 });
  });

  it("accept jobs for 2D embeddings, which are finished immediately", async () => {
    const id = await upload("");
    for (const dimensionalityReductionMethod of ["PCA", "TSNE", "UMAP"]) {
      await lightly.expect(204, "POST", `${base}/${id}/trigger2dEmbeddingsJob`, { dimensionalityReductionMethod });
    }
    const wrong = { dimensionalityReductionMethod: "LDA" };
    await lightly.expect(400, "POST", `${base}/${id}/trigger2dEmbeddingsJob`, wrong);
    const jobs = await lightly.expect(200, "GET", "/v1/jobs");
    assert.deepEqual([jobs.length, jobs[0].jobType, jobs[0].status], [3, "EMBEDDINGS2D", "FINISHED"]);
    const job = await lightly.expect(200, "GET", `/v1/jobs/${jobs[0].jobId}`);
    assert.deepEqual([job.status, job.result], ["FINISHED", { type: "EMBEDDINGS2D" }]);
    assert.equal((await lightly.expect(404, "GET", "/v1/jobs/none")).code, "JOB_UNKNOWN");
  });

  it("can have 2D coordinates, and are deleted together with them and with their file", async () => {
    const id = await upload("");
    const body = {
      ...{ name: "default__2d", dimensionalityReductionMethod: "PCA" },
      ...{ coordinatesDimension1: [0.5], coordinatesDimension2: [-1] },
    };
    const { id: in2d } = await lightly.expect(201, "POST", `${base}/${id}/2d`, body);
    const { coordinatesDimension2, embeddingId } = await lightly.expect(200, "GET", `${base}/${id}/2d/${in2d}`);
    assert.deepEqual([coordinatesDimension2, embeddingId], [[-1], id]);
    const [summary] = await lightly.expect(200, "GET", `${base}/${id}/2d`);
    assert.deepEqual([summary.id, Object.hasOwn(summary, "coordinatesDimension1")], [in2d, false]);
    const url = await lightly.expect(200, "GET", `${base}/${id}/readCSVUrl`);
    await lightly.expect(204, "DELETE", `${base}/${id}`);
    assert.equal((await lightly.expect(404, "GET", `${base}/${id}/2d/${in2d}`)).code, "EMBEDDING_UNKNOWN");
    assert.equal((await fetch(url)).status, 404);
  });
});
