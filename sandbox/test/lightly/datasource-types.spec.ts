import assert from "node:assert/strict";
import { datasource, type LightlyFixture, prepareDataset, schedule, startLightly } from "./lightly-fixture.ts";

const PURPOSES = ["INPUT", "LIGHTLY"] as const;
const THUMBNAILS = { thumbSuffix: ".lightly/thumbnails/[filename]_thumb.[extension]" };

/** Requests of Lightly's client, each with its secret field. */
const TYPES = {
  AZURE: [{ fullPath: "container/videos", accountName: "account", accountKey: "sv=2022&sig=abc" }, "accountKey"],
  GCS: [{ fullPath: "gs://bucket/videos", gcsProjectId: "project", gcsCredentials: "{}" }, "gcsCredentials"],
  LOCAL: [{ fullPath: "", webServerLocation: "http://localhost:3456" }, undefined],
  OBS: [
    {
      ...{ fullPath: "obs://bucket/videos", obsEndpoint: "https://obs.eu-de.otc.t-systems.com" },
      ...{ obsAccessKeyId: "key", obsSecretAccessKey: "secret" },
    },
    "obsSecretAccessKey",
  ],
  LIGHTLY: [{ fullPath: "somewhere" }, undefined],
} as const;

describe("Datasources of other types than S3", () => {
  let lightly: LightlyFixture;
  let dataset: string;
  let base: string;

  beforeEach(async () => {
    lightly = await startLightly();
    dataset = await prepareDataset(lightly);
    base = `/v1/datasets/${dataset}/datasource`;
  });
  afterEach(() => lightly.close());

  for (const [type, [fields, secret]] of Object.entries(TYPES)) {
    it(`are accepted when the type is ${type}: nothing is compared with the region of the sandbox`, async () => {
      for (const purpose of PURPOSES) {
        await lightly.expect(204, "PUT", base, { purpose, type, ...THUMBNAILS, ...fields });
      }
      const { id: _, ...stored } = await lightly.expect(200, "GET", `${base}?purpose=INPUT`);
      const masked = secret === undefined ? {} : { [secret]: "*****" };
      assert.deepEqual(stored, { purpose: "INPUT", type, ...THUMBNAILS, ...fields, ...masked });
      assert.deepEqual(await lightly.expect(200, "GET", `${base}/verify`), {
        ...{ canRead: true, canList: true, canWrite: true, canOverwrite: true },
      });
      await schedule(lightly, dataset);
    });
  }

  it("are not read: the refusal names their type", async () => {
    await lightly.expect(204, "PUT", base, { purpose: "INPUT", type: "AZURE", ...TYPES.AZURE[0] });
    const { code, error } = await lightly.expect(422, "GET", `${base}/list`);
    assert.equal(code, "DATASET_DATASOURCE_ACTION_NOT_IMPLEMENTED");
    assert.match(error, /type AZURE/);
  });

  it("do not hide a problem of an S3 datasource in the same dataset", async () => {
    await lightly.expect(204, "PUT", base, { purpose: "INPUT", type: "AZURE", ...TYPES.AZURE[0] });
    await lightly.expect(204, "PUT", base, datasource("LIGHTLY", { s3Region: "us-east-1" }));
    lightly.objects.set("lightly-output/lightly/x", { body: Buffer.from("x"), lastModified: new Date() });
    const { canWrite, errors } = await lightly.expect(200, "GET", `${base}/verify`);
    assert.equal(canWrite, false);
    assert.match(errors.canWrite, /region us-east-1/);
  });
});

describe("The path of an S3 datasource", () => {
  let lightly: LightlyFixture;

  beforeEach(async () => {
    lightly = await startLightly();
  });
  afterEach(() => lightly.close());

  for (const [fullPath, bucket, prefix] of [
    ["s3://lightly-input", "lightly-input", ""],
    ["s3://lightly-input/", "lightly-input", ""],
    ["s3://lightly-input/videos/day 1", "lightly-input", "videos/day 1/"],
    ["lightly-input", "lightly-input", ""],
    ["lightly-input/videos/", "lightly-input", "videos/"],
    ["Old_Bucket/videos", "Old_Bucket", "videos/"],
  ] as const) {
    it(`may be ${fullPath}`, async () => {
      const dataset = await prepareDataset(lightly);
      const base = `/v1/datasets/${dataset}/datasource`;
      lightly.objects.set(`${bucket}/${prefix}a.mp4`, { body: Buffer.from("x"), lastModified: new Date(0) });
      await lightly.expect(204, "PUT", base, datasource("INPUT", { fullPath }));
      await lightly.expect(204, "PUT", base, datasource("LIGHTLY", { fullPath }));
      assert.equal((await lightly.expect(200, "GET", `${base}?purpose=INPUT`)).fullPath, fullPath);
      assert.equal((await lightly.expect(200, "GET", `${base}/verify`)).canRead, true);
      const { data } = await lightly.expect(200, "GET", `${base}/list`);
      assert.deepEqual(
        data.map(({ fileName }: { fileName: string }) => fileName),
        ["a.mp4"],
      );
      await lightly.expect(201, "POST", `/v1/datasets/${dataset}/samples`, { fileName: "a.png" });
      const { id } = await lightly.expect(201, "POST", `/v1/datasets/${dataset}/tags/initial`, { imgType: "full" });
      const names = `/v1/datasets/${dataset}/tags/${id}/export/basic/filenames?fileNameFormat=DATASOURCE_FULL`;
      assert.equal((await lightly.call("GET", names)).text, `s3://${bucket}/${prefix}a.png`);
    });
  }
});
