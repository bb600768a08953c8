import assert from "node:assert/strict";
import {
  CopyObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { fault, type RunningAws, startAws } from "../aws/aws-server.ts";

const Bucket = "bucket";

describe("sandbox s3: copies and tags", () => {
  let aws: RunningAws;
  let s3: S3Client;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
  });
  after(() => aws.close());

  const put = (Key: string, Body: string, more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Key: string) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return { ...answer, bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) };
  };

  it("changes and removes tags", async () => {
    await put("tagged", "x");
    const TagSet = [{ Key: "Größe 1/2", Value: "a=b+c@d:e_f-g." }];
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "tagged", Tagging: { TagSet } }));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "tagged" }))).TagSet, TagSet);
    await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: "tagged" }));
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "tagged" }))).TagSet ?? [], []);
    const many = Array.from({ length: 11 }, (_, i) => `k${i}=v`).join("&");
    await assert.rejects(put("tagged", "x", { Tagging: many }), fault("BadRequest", 400));
    for (const Tagging of ["aws:x=1", "a%26b=1", "a=%3Cb%3E"]) {
      await assert.rejects(put("tagged", "x", { Tagging }), fault("InvalidTag", 400));
    }
  });

  it("copies an object with its properties, or with new ones", async () => {
    await put("from here & there", "bytes", { ContentType: "text/plain", Metadata: { a: "1" }, Tagging: "t=1" });
    const CopySource = encodeURIComponent(`${Bucket}/from here & there`);
    await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
    const copy = await get("copy");
    assert.deepEqual(
      [copy.bytes.toString(), copy.ContentType, copy.Metadata, copy.TagCount],
      ["bytes", "text/plain", { a: "1" }, 1],
    );
    await s3.send(
      new CopyObjectCommand({ Bucket, Key: "copy", CopySource, MetadataDirective: "REPLACE", Metadata: { b: "2" } }),
    );
    assert.deepEqual((await get("copy")).Metadata, { b: "2" });
    const itself = new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/copy` });
    await assert.rejects(s3.send(itself), fault("InvalidRequest", 400));
    const missing = new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/missing` });
    await assert.rejects(s3.send(missing), fault("NoSuchKey", 404));
    const changed = new CopyObjectCommand({ Bucket, Key: "copy", CopySource, CopySourceIfMatch: "other" });
    await assert.rejects(s3.send(changed), fault("PreconditionFailed", 412));
  });
});
