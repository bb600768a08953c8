import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type RunningAws, startAws } from "../aws/aws-server.ts";

const Bucket = "kept";

describe("sandbox s3: a restart", () => {
  let aws: RunningAws;
  beforeEach(async () => {
    aws = await startAws();
    await aws.storage.createBucket(Bucket);
  });
  afterEach(() => aws.close());

  const restart = async () => {
    await aws.stop();
    aws = await startAws({ dir: aws.dir });
  };

  it("keeps objects with all properties", async () => {
    const Key = "ü/& ../x";
    await aws.s3().send(new PutObjectCommand({ Bucket, Key, Body: "x", Metadata: { a: "1" }, Tagging: "t=1" }));
    const before = await aws.s3().send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
    await restart();
    const after = await aws.s3().send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
    assert.equal(await after.Body?.transformToString(), "x");
    for (const field of ["ETag", "ChecksumCRC32", "TagCount", "ContentType"] as const) {
      assert.equal(after[field], before[field], field);
    }
    assert.deepEqual([after.Metadata, after.LastModified], [{ a: "1" }, before.LastModified]);
    assert.deepEqual(
      (await aws.s3().send(new ListObjectsV2Command({ Bucket }))).Contents?.map((one) => one.Key),
      [Key],
    );
  });

  it("continues an open upload", async () => {
    const s3 = aws.s3();
    const target = { Bucket, Key: "parts" };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    const part = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: "part" }));
    await restart();
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] };
    await aws.s3().send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
    await restart();
    assert.equal((await aws.storage.head(Bucket, "parts"))?.bytes, 4);
  });

  it("removes unused bytes, and ignores damaged files without changing them", async () => {
    await aws.storage.write(Bucket, "key", Buffer.from("x"));
    const data = path.join(aws.dir, "data");
    writeFileSync(path.join(data, "left-behind"), "x");
    await restart();
    assert.equal(readdirSync(data).length, 1);
    assert.deepEqual(aws.log, []);
    await aws.storage.write(Bucket, "broken", Buffer.from("y"));
    const objects = path.join(aws.dir, "buckets", Bucket, "objects");
    const file = readdirSync(objects, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith(".json"));
    writeFileSync(path.join(objects, file ?? ""), "{");
    await restart();
    assert.equal((await aws.storage.list(Bucket, "")).length, 1);
    assert.equal(readdirSync(data).length, 2);
    assert.match(aws.log.join(), /an object of kept is left out/);
    await rm(path.join(aws.dir, "data"), { recursive: true });
    await restart();
    assert.deepEqual(await aws.storage.list(Bucket, ""), []);
  });
});

describe("sandbox s3: the objects for other parts of the sandbox", () => {
  let aws: RunningAws;
  before(async () => {
    aws = await startAws();
  });
  after(() => aws.close());

  it("writes, lists, heads and reads them consistently with S3", async () => {
    const { storage } = aws;
    await storage.createBucket(Bucket);
    await storage.createBucket(Bucket);
    await storage.write(Bucket, "a/1", Buffer.from("one"), { source: "test" });
    await storage.write(Bucket, "b", Buffer.from("two"));
    const [first, ...others] = await storage.list(Bucket, "a/");
    assert.deepEqual([first?.key, first?.bytes, first?.metadata, others], ["a/1", 3, { source: "test" }, []]);
    assert.equal((await aws.s3().send(new GetObjectCommand({ Bucket, Key: "a/1" }))).ETag, `"${first?.etag}"`);
    const stream = await storage.read(Bucket, "a/1");
    await storage.write(Bucket, "a/1", Buffer.from("changed"));
    await setImmediate();
    assert.equal(Buffer.concat(await stream.toArray()).toString(), "one");
    assert.equal(await storage.head(Bucket, "none"), undefined);
    await assert.rejects(storage.read(Bucket, "none"), { code: "NoSuchKey" });
    await assert.rejects(storage.write("none", "k", Buffer.from("")), { code: "NoSuchBucket" });
  });
});
