import assert from "node:assert/strict";
import {
  begin,
  type LightlyFixture,
  prepareDataset,
  registerWorker,
  schedule,
  startLightly,
} from "./lightly-fixture.ts";

describe("the artifacts of a run", () => {
  let lightly: LightlyFixture;
  let artifacts: string;
  let run: string;

  before(async () => {
    lightly = await startLightly();
    const dataset = await prepareDataset(lightly);
    run = await begin(lightly, dataset, await registerWorker(lightly), await schedule(lightly, dataset));
    artifacts = `/v1/docker/runs/${run}/artifacts`;
  });
  after(() => lightly.close());

  it("are returned as uploaded, and are valid only after the upload is confirmed", async () => {
    const bytes = Buffer.alloc(3_000_000, "0123456789");
    const body = { fileName: "report.json", type: "REPORT_V2_JSON" };
    const { artifactId, signedWriteUrl } = await lightly.expect(201, "POST", artifacts, body);
    const one = `${artifacts}/${artifactId}`;
    assert.equal((await lightly.expect(404, "PUT", `${one}/confirmUpload`)).code, "DOCKER_RUN_ARTIFACT_UNAVAILABLE");
    assert.equal((await fetch(signedWriteUrl, { method: "PUT", body: bytes })).status, 200);
    assert.deepEqual((await lightly.expect(200, "GET", `/v1/docker/runs/${run}`)).artifacts, []);
    await lightly.expect(204, "PUT", `${one}/confirmUpload`);
    const [listed] = (await lightly.expect(200, "GET", `/v1/docker/runs/${run}`)).artifacts;
    assert.deepEqual(Object.keys(listed).sort(), ["createdAt", "fileName", "id", "storageLocation", "type"]);
    const answer = await fetch(await lightly.expect(200, "GET", `${one}/readurl`));
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
    assert.equal((await lightly.expect(409, "POST", artifacts, body)).code, "DOCKER_RUN_ARTIFACT_EXISTS");
  });

  it("have URLs for one direction and one day", async () => {
    const { signedWriteUrl } = await lightly.expect(201, "POST", artifacts, { fileName: "log.txt", type: "LOG" });
    assert.equal((await fetch(signedWriteUrl)).status, 401);
    lightly.clock.advance(24 * 3600 * 1000 + 1000);
    assert.equal((await fetch(signedWriteUrl, { method: "PUT", body: "late" })).status, 401);
  });

  it("may be stored in the LIGHTLY datasource", async () => {
    const body = { fileName: "memlog.txt", type: "MEMLOG", storageLocation: "DATASOURCE" };
    const { artifactId, signedWriteUrl } = await lightly.expect(201, "POST", artifacts, body);
    const key = `lightly-output/lightly/.lightly/runs/${run}/memlog.txt`;
    assert.equal(new URL(signedWriteUrl).pathname, `/${key}`);
    lightly.objects.set(key, { body: Buffer.from("x"), lastModified: new Date() });
    await lightly.expect(204, "PUT", `${artifacts}/${artifactId}/confirmUpload`);
  });

  it("have plain file names and known types", async () => {
    for (const body of [
      { fileName: "../x", type: "LOG" },
      { fileName: "..", type: "LOG" },
      { fileName: "x", type: "SELECTED_FILENAMES" },
    ]) {
      await lightly.expect(400, "POST", artifacts, body);
    }
  });
});
