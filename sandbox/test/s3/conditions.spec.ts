import assert from "node:assert/strict";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { fault, type RunningAws, startAws } from "../aws/aws-server.ts";
import { codeOf, send } from "../aws/raw-request.ts";

const Bucket = "conditions";
const Key = "key";

describe("sandbox s3: conditions", () => {
  let aws: RunningAws;
  let s3: S3Client;
  let etag: string;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
    etag = (await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }))).ETag ?? "";
  });
  after(() => aws.close());

  const get = (input: Partial<GetObjectCommandInput>) => s3.send(new GetObjectCommand({ Bucket, Key, ...input }));
  /** Responses without a body have only a status. */
  const status = (expected: number) => (error: { $metadata: { httpStatusCode: number } }) =>
    error.$metadata.httpStatusCode === expected;
  const past = new Date(Date.now() - 3_600_000);
  const future = new Date(Date.now() + 3_600_000);

  it("sends only 304 if the client has the object", async () => {
    await assert.rejects(get({ IfNoneMatch: etag }), status(304));
    await assert.rejects(get({ IfModifiedSince: future }), status(304));
    const raw = await send(aws.endpoint, {
      path: `/${Bucket}/${Key}`,
      headers: { "if-none-match": `"other", ${etag}` },
    });
    assert.deepEqual([raw.status, raw.body, raw.headers.etag], [304, "", etag]);
    await get({ IfNoneMatch: "other" });
    await get({ IfModifiedSince: past });
    await get({ IfNoneMatch: "other", IfModifiedSince: future });
  });

  it("refuses to read an object that is not the expected one", async () => {
    await assert.rejects(get({ IfMatch: "other" }), fault("PreconditionFailed", 412));
    await assert.rejects(get({ IfUnmodifiedSince: past }), fault("PreconditionFailed", 412));
    await get({ IfMatch: etag });
    await get({ IfMatch: etag, IfUnmodifiedSince: past });
    await get({ IfUnmodifiedSince: future });
    const head = new HeadObjectCommand({ Bucket, Key, IfMatch: "other" });
    await assert.rejects(s3.send(head), status(412));
  });

  it("creates only new objects with If-None-Match *, and returns an error body", async () => {
    const create = (key: string) => s3.send(new PutObjectCommand({ Bucket, Key: key, Body: "y", IfNoneMatch: "*" }));
    await assert.rejects(create(Key), fault("PreconditionFailed", 412));
    await create("fresh");
    await assert.rejects(create("fresh"), fault("PreconditionFailed", 412));
    const raw = await send(aws.endpoint, {
      method: "PUT",
      path: `/${Bucket}/${Key}`,
      headers: { "if-none-match": "*" },
      body: "y",
    });
    assert.deepEqual([codeOf(raw), raw.status], ["PreconditionFailed", 412]);
    assert.equal(await (await get({})).Body?.transformToString(), "x");
  });

  it("allows only one of many requests to create a key", async () => {
    const tries = Array.from({ length: 12 }, (_, i) =>
      s3.send(new PutObjectCommand({ Bucket, Key: "race", Body: `writer ${i}`, IfNoneMatch: "*" })),
    );
    const results = await Promise.allSettled(tries);
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    for (const result of results) {
      assert.ok(result.status === "fulfilled" || fault("PreconditionFailed", 412)(result.reason));
    }
  });

  it("replaces only the expected object with If-Match", async () => {
    const replace = (IfMatch: string, key = "replace") =>
      s3.send(new PutObjectCommand({ Bucket, Key: key, Body: "2", IfMatch }));
    const { ETag = "" } = await s3.send(new PutObjectCommand({ Bucket, Key: "replace", Body: "1" }));
    await assert.rejects(replace("other"), fault("PreconditionFailed", 412));
    await replace(ETag);
    await assert.rejects(replace(ETag), fault("PreconditionFailed", 412));
    await assert.rejects(replace(ETag, "none"), fault("NoSuchKey", 404));
  });

  it("deletes only the expected object with If-Match", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "delete", Body: "1" }));
    const remove = (IfMatch: string) => s3.send(new DeleteObjectCommand({ Bucket, Key: "delete", IfMatch }));
    await assert.rejects(remove("other"), fault("PreconditionFailed", 412));
    await remove("*");
    assert.equal(await aws.storage.head(Bucket, "delete"), undefined);
  });
});
