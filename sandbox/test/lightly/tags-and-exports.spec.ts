import assert from "node:assert/strict";
import { type LightlyFixture, prepareDataset, startLightly } from "./lightly-fixture.ts";

describe("tags", () => {
  let lightly: LightlyFixture;
  let dataset: string;
  let tags: string;
  let initial: string;

  beforeEach(async () => {
    lightly = await startLightly();
    dataset = await prepareDataset(lightly);
    tags = `/v1/datasets/${dataset}/tags`;
    await addFrames(0, 6);
    initial = (await lightly.expect(201, "POST", `${tags}/initial`, { imgType: "full" })).id;
  });
  afterEach(() => lightly.close());

  async function addFrames(from: number, to: number): Promise<void> {
    for (let index = from; index < to; index += 1) {
      const videoFrameData = { sourceVideo: "v.mp4", sourceVideoFrameIndex: index };
      const body = {
        fileName: `dir/v-${index}-mp4.png`,
        videoFrameData,
        metaData: { sharpness: 1.5, sizeInBytes: 10 },
      };
      await lightly.expect(201, "POST", `/v1/datasets/${dataset}/samples`, body);
    }
  }
  const addTag = (name: string, bitMaskData: string, fields: object = {}) =>
    lightly.call("POST", tags, { name, prevTagId: initial, bitMaskData, totSize: 6, ...fields });
  const read = (id: string) => lightly.expect(200, "GET", `${tags}/${id}`);
  const namesOf = async (id: string, query = "") =>
    (await lightly.call("GET", `${tags}/${id}/export/basic/filenames${query}`)).text;

  it("name the samples by bits, the first sample in the lowest one", async () => {
    const { json } = await addTag("some", "0x00026");
    const tag = await read(json.id);
    assert.deepEqual([tag.bitMaskData, tag.totSize, tag.prevTagId], ["0x26", 6, initial]);
    assert.equal(await namesOf(json.id), "dir/v-1-mp4.png\ndir/v-2-mp4.png\ndir/v-5-mp4.png");
    const mappings = await lightly.expect(200, "GET", `/v1/datasets/${dataset}/mappings?field=fileName&pageOffset=5`);
    assert.deepEqual(mappings, ["dir/v-5-mp4.png"]);
  });

  it("may be empty, and may have more than 64 samples", async () => {
    assert.equal(await namesOf((await addTag("none", "0x0")).json.id), "");
    await addFrames(6, 200);
    await lightly.expect(201, "POST", `${tags}/upsize`, { upsizeTagName: "new", upsizeTagCreator: "USER_WORKER" });
    const bitMaskData = `0x${((1n << 199n) | 1n).toString(16)}`;
    const { json } = await addTag("far apart", bitMaskData, { totSize: 200 });
    assert.equal(await namesOf(json.id), "dir/v-0-mp4.png\ndir/v-199-mp4.png");
  });

  it("are refused if they do not match the dataset", async () => {
    for (const [status, code, ...tag] of [
      [400, "MALFORMED_REQUEST", "some", "0xAB"],
      [400, "DATASET_TAG_INVALID", "some", "0x40"],
      [400, "DATASET_TAG_INVALID", "some", "0x1", { totSize: 7 }],
      [404, "TAG_PREVTAG_NOT_IN_DATASET", "some", "0x1", { prevTagId: "0".repeat(24) }],
      [404, "TAG_QUERYTAG_NOT_IN_DATASET", "some", "0x1", { queryTagId: "0".repeat(24) }],
      [404, "DOCKER_RUN_UNKNOWN", "some", "0x1", { runId: "0".repeat(24) }],
      [409, "TAG_NAME_EXISTS", "initial-tag", "0x1"],
    ] as const) {
      const reply = await addTag(...(tag as Parameters<typeof addTag>));
      assert.deepEqual([reply.status, reply.json.code], [status, code]);
    }
    const again = await lightly.expect(409, "POST", `${tags}/initial`, { imgType: "full" });
    assert.equal(again.code, "TAG_INITIAL_EXISTS");
  });

  it("set the image type of the dataset from its initial tag, which clients need for a download", async () => {
    assert.equal((await lightly.expect(200, "GET", `/v1/datasets/${dataset}`)).imgType, "full");
    const other = await prepareDataset(lightly, "thumbnails only");
    assert.equal((await lightly.expect(200, "GET", `/v1/datasets/${other}`)).imgType, undefined);
    await lightly.expect(201, "POST", `/v1/datasets/${other}/tags/initial`, { imgType: "thumbnail" });
    assert.equal((await lightly.expect(200, "GET", `/v1/datasets/${other}`)).imgType, "thumbnail");
  });

  it("grow with the dataset: the initial tag by its samples, the others by their size", async () => {
    const { json: some } = await addTag("some", "0x3");
    await addFrames(6, 8);
    const body = { upsizeTagName: "added", upsizeTagCreator: "USER_WORKER" };
    const { id: added } = await lightly.expect(201, "POST", `${tags}/upsize`, body);
    const masks = async (id: string) => {
      const { bitMaskData, totSize } = await read(id);
      return [bitMaskData, totSize];
    };
    assert.deepEqual(await masks(initial), ["0xff", 8]);
    assert.deepEqual(await masks(some.id), ["0x3", 8]);
    assert.deepEqual(await masks(added), ["0xc0", 8]);
  });

  it("are combined: 200 with a bit mask, or with the id of a new tag", async () => {
    const [one, two] = [(await addTag("one", "0x7")).json.id, (await addTag("two", "0xc")).json.id];
    for (const [operation, expected] of [
      ["UNION", "0xf"],
      ["INTERSECTION", "0x4"],
      ["DIFFERENCE", "0x3"],
    ]) {
      const body = { tagId1: one, tagId2: two, operation };
      assert.deepEqual(await lightly.expect(200, "POST", `${tags}/arithmetics`, body), { bitMaskData: expected });
      const named = { ...body, newTagName: `of ${operation}` };
      const { id } = await lightly.expect(200, "POST", `${tags}/arithmetics`, named);
      assert.equal((await read(id)).bitMaskData, expected);
      const mask = await lightly.expect(200, "POST", `${tags}/arithmetics/bitmask`, body);
      assert.deepEqual(mask, { bitMaskData: expected });
    }
  });

  it("can be renamed, and deleted unless others depend on them", async () => {
    const { id } = (await addTag("parent", "0x7")).json;
    const child = (await addTag("child", "0x1", { prevTagId: id })).json;
    await lightly.expect(204, "PUT", `${tags}/${id}`, { name: "renamed", bitMaskData: "0xf" });
    assert.equal((await read(id)).name, "renamed");
    assert.equal((await lightly.expect(409, "DELETE", `${tags}/${id}`)).code, "TAG_UNDELETABLE_NOT_A_LEAF");
    assert.equal((await lightly.expect(409, "DELETE", `${tags}/${initial}`)).code, "TAG_UNDELETABLE_IS_INITIAL");
    await lightly.expect(204, "DELETE", `${tags}/${child.id}`);
    await lightly.expect(204, "DELETE", `${tags}/${id}`);
    assert.equal((await lightly.expect(404, "GET", `${tags}/${id}`)).code, "TAG_UNKNOWN");
  });

  describe("when they are exported", () => {
    const link = /\/samples\/[a-f0-9]{24}\/readurlRedirect\?type=full&publicToken=/;
    const get = (path: string) => lightly.expect(200, "GET", `${tags}/${initial}/export/${path}`);

    it("count pageOffset in samples, and return an empty text after the end", async () => {
      assert.equal(await namesOf(initial, "?pageSize=2&pageOffset=3"), "dir/v-3-mp4.png\ndir/v-4-mp4.png");
      assert.equal(await namesOf(initial, "?pageSize=2&pageOffset=6"), "");
      assert.equal((await get("LabelStudio/tasks?pageSize=4&pageOffset=4")).length, 2);
      assert.deepEqual(await get("LabelBoxV4/datarows?pageSize=6&pageOffset=6"), []);
      assert.equal((await get("basic/filenamesAndReadUrls?pageSize=1&pageOffset=5"))[0].fileName, "dir/v-5-mp4.png");
    });

    it("write names in each format, in the same order", async () => {
      const lines = async (format: string) => (await namesOf(initial, `?fileNameFormat=${format}`)).split("\n");
      assert.equal((await lines("NAME"))[4], "dir/v-4-mp4.png");
      assert.equal((await lines("DATASOURCE_FULL"))[4], "s3://lightly-output/lightly/.lightly/frames/dir/v-4-mp4.png");
      const [, , , , url = ""] = await lines("REDIRECTED_READ_URL");
      assert.match(url, link);
      const target = (await fetch(url, { redirect: "manual" })).headers.get("location") ?? "";
      assert.equal(new URL(target).pathname, "/lightly-output/lightly/.lightly/frames/dir/v-4-mp4.png");
    });

    it("have the keys of each labeling tool", async () => {
      const [task] = await get("LabelStudio/tasks?includeMetaData=True");
      assert.deepEqual([task.id, task.data.lightlyFileName], [0, "dir/v-0-mp4.png"]);
      assert.equal(task.data.lightlyMetaInfo.metaData.sharpness, 1.5);
      const [row] = await get("LabelBoxV4/datarows");
      assert.deepEqual([row.global_key, row.media_type], ["dir/v-0-mp4.png", "IMAGE"]);
      assert.match(row.row_data, link);
      assert.deepEqual(Object.keys((await get("LabelBox/datarows"))[0]), ["externalId", "imageUrl"]);
      const [sama] = await get("Sama/tasks?includeMetaData=true");
      assert.deepEqual([sama.data.id, JSON.parse(sama.data.lightlyMetaInfo).index], [0, 0]);
    });

    it("have URLs that expire if requested", async () => {
      const [{ data }] = await get("LabelStudio/tasks?expiresIn=60");
      assert.equal(new URL(data.image).searchParams.get("X-Amz-Expires"), "60");
    });
  });

  describe("and their samples", () => {
    const samples = () => `/v1/datasets/${dataset}/samples`;

    it("have unique names: registering one again changes the sample and keeps its position", async () => {
      const body = { fileName: "dir/v-2-mp4.png", customMetaData: { a: 1 } };
      const { id } = await lightly.expect(201, "POST", samples(), body);
      const sample = await lightly.expect(200, "GET", `${samples()}/${id}`);
      assert.deepEqual([sample.index, sample.type, sample.customMetaData], [2, "VIDEO_FRAME", { a: 1 }]);
      assert.equal((await lightly.expect(200, "GET", `/v1/datasets/${dataset}`)).nSamples, 6);
    });

    it("have write URLs below .lightly in the LIGHTLY datasource", async () => {
      const body = { fileName: "dir/v-2-mp4.png" };
      const { sampleWriteUrls } = await lightly.expect(201, "POST", `${samples()}/withWriteUrls`, body);
      const paths = [sampleWriteUrls.full, sampleWriteUrls.thumb].map((url: string) => new URL(url).pathname);
      assert.deepEqual(paths, [
        "/lightly-output/lightly/.lightly/frames/dir/v-2-mp4.png",
        "/lightly-output/lightly/.lightly/thumbnails/dir/v-2-mp4_thumb.png",
      ]);
    });

    it("are images of the INPUT datasource if they are not from a video", async () => {
      const { id } = await lightly.expect(201, "POST", samples(), { fileName: "a.jpg" });
      const url = await lightly.expect(200, "GET", `${samples()}/${id}/readurl?type=full`);
      assert.equal(new URL(url).pathname, "/lightly-input/videos/a.jpg");
    });

    it("are listed whole or in part, page by page", async () => {
      const [first, second] = await lightly.expect(200, "GET", `${samples()}?sortBy=index&pageSize=2&pageOffset=4`);
      assert.deepEqual([first.index, second.index], [4, 5]);
      const [found] = await lightly.expect(200, "GET", `${samples()}?fileName=dir/v-3-mp4.png`);
      assert.equal(found.index, 3);
      const [part] = await lightly.expect(200, "GET", `${samples()}/partial?mode=fileNames&pageOffset=5`);
      assert.deepEqual(Object.keys(part), ["id", "fileName"]);
      await lightly.expect(400, "POST", samples(), { fileName: "a", metaData: { luminance: 101 } });
      await lightly.expect(400, "POST", samples(), { fileName: "../a" });
    });
  });
});
