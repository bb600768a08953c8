import assert from "node:assert/strict";
import { selectedFilenames } from "../../../../src/services/lightly/tags/selected-filenames.ts";
import { workerRunTag } from "../../../../src/services/lightly/tags/worker-run-tag.ts";
import { CFG, DS, json, never, RUN, type StubLightly, startStubLightly, T0, T1 } from "../stub-lightly.ts";

const TAGS = `GET /v1/docker/runs/${RUN}/tags`;
const NAMES = `GET /v1/datasets/${DS}/tags/${T1}/export/basic/filenames`;
const tag = (o: Record<string, unknown> = {}) => ({
  ...{ id: T1, datasetId: DS, prevTagId: T0, name: "my-tag", bitMaskData: "0x3", totSize: 3, createdAt: 1 },
  ...o,
});

describe("the tag of a run", () => {
  let stub: StubLightly;
  before(async () => {
    stub = await startStubLightly();
  });
  beforeEach(() => stub.reset());
  after(() => stub.close());

  const readTag = () => workerRunTag({ client: stub.client, datasetId: DS, workerRunId: RUN, signal: never() });
  const readNames = () => selectedFilenames({ client: stub.client, datasetId: DS, tagId: T1, signal: never() });

  it("is its newest tag, with its samples counted by its bit mask", async () => {
    stub.on(TAGS, json([tag({ id: CFG, name: "older" }), tag({ createdAt: 5, bitMaskData: "0xf01", totSize: 12 })]));
    assert.deepEqual(await readTag(), { tagId: T1, name: "my-tag", selectedCount: 5, totalCount: 12 });
  });

  for (const [mask, count] of [
    ["0x0", 0],
    ["0x8", 1],
    [`0x${"f".repeat(25_000)}`, 100_000],
  ] as const) {
    it(`counts ${count} in ${mask.slice(0, 8)}`, async () => {
      stub.on(TAGS, json([tag({ bitMaskData: mask, totSize: 100_000 })]));
      assert.equal((await readTag())?.selectedCount, count);
    });
  }

  it("is not the root tag, which contains all samples, unless there is no other", async () => {
    const root = tag({ id: T0, prevTagId: null, name: "initial-tag", bitMaskData: "0x7", createdAt: 9 });
    stub.on(TAGS, json([root, tag()]));
    assert.equal((await readTag())?.tagId, T1);
    stub.on(TAGS, json([root]));
    assert.equal((await readTag())?.name, "initial-tag");
  });

  it("is not a tag of another dataset or of another run", async () => {
    stub.on(TAGS, json([tag({ datasetId: CFG }), tag({ runId: CFG })]));
    assert.equal(await readTag(), undefined);
    stub.on(TAGS, json([tag({ runId: RUN })]));
    assert.equal((await readTag())?.tagId, T1);
  });

  it("is refused with an invalid bit mask", async () => {
    stub.on(TAGS, json([tag({ bitMaskData: "3" })]));
    await assert.rejects(readTag(), {
      code: "LIGHTLY_RESPONSE_INVALID",
      message: new RegExp(`GET /v1/docker/runs/${RUN}/tags has an unexpected structure at \\[0\\]\\.bitMaskData`),
    });
  });

  for (const [what, body] of [
    ["a JSON string", JSON.stringify("v-0000-mp4.png\nv-0001-mp4.png")],
    ["plain text", "v-0000-mp4.png\nv-0001-mp4.png"],
    ["text with a newline at its end", "v-0000-mp4.png\nv-0001-mp4.png\n"],
  ] as const) {
    it(`has its filenames read from ${what}`, async () => {
      stub.on(NAMES, { status: 200, body, headers: { "content-type": "text/plain" } });
      assert.deepEqual(await readNames(), ["v-0000-mp4.png", "v-0001-mp4.png"]);
      assert.match(stub.seen[0]?.search ?? "", /^\?pageSize=5000&pageOffset=0&token=/);
      assert.equal(stub.seen.length, 1);
    });
  }

  it("may be empty", async () => {
    stub.on(NAMES, { status: 200, body: "" });
    assert.deepEqual(await readNames(), []);
  });

  for (const name of ["1e5", "null", "true", '["a.png"]']) {
    it(`may contain the filename ${name}, which is valid JSON by chance`, async () => {
      stub.on(NAMES, { status: 200, body: name });
      assert.deepEqual(await readNames(), [name]);
    });
  }

  it("is read page by page, counted in names and not in characters", async () => {
    const all = Array.from({ length: 12_000 }, (_, index) => `clip-${String(index).padStart(5, "0")}-mp4.png`);
    stub.on(NAMES, ({ query }) => {
      const offset = Number(query.get("pageOffset"));
      return { status: 200, body: all.slice(offset, offset + Number(query.get("pageSize"))).join("\n") };
    });
    assert.deepEqual(await readNames(), all);
    assert.deepEqual(
      stub.seen.map(({ query }) => query.get("pageOffset")),
      ["0", "5000", "10000"],
    );
  });

  it("ends with an empty page when the last one was full", async () => {
    const page = Array.from({ length: 5000 }, (_, index) => `f${index}`).join("\n");
    stub.on(NAMES, { status: 200, body: page }, { status: 200, body: "" });
    assert.equal((await readNames()).length, 5000);
  });

  it("is not read forever from a server that ignores the offset", async () => {
    stub.on(NAMES, { status: 200, body: Array.from({ length: 5000 }, (_, index) => `f${index}`).join("\n") });
    await assert.rejects(readNames(), { code: "LIGHTLY_RESPONSE_INVALID" });
    assert.equal(stub.seen.length, 2);
  });
});
