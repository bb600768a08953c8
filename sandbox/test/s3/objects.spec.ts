import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { fault, type RunningAws, startAws } from "../aws/aws-server.ts";
import { codeOf, send, sign } from "../aws/raw-request.ts";

const Bucket = "bucket";

/** Waits for something that the test itself has started. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await setImmediate();
  }
}

describe("sandbox s3: objects", () => {
  let aws: RunningAws;
  let s3: S3Client;
  const folder = temporaryFolder();
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
  });
  after(() => aws.close());

  const put = (Key: string, Body: string | Buffer, more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  const get = async (Key: string, more: object = {}) => {
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
    return { ...answer, bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) };
  };
  const dataFiles = () => readdirSync(path.join(aws.dir, "data")).length;

  it("returns the bytes of an aws-chunked stream with a trailing checksum", async () => {
    const bytes = randomBytes(3 * 1024 * 1024 + 17);
    const file = path.join(folder, "stream.bin");
    await writeFile(file, bytes);
    const stored = await s3.send(
      new PutObjectCommand({ Bucket, Key: "stream", Body: createReadStream(file), ContentLength: bytes.length }),
    );
    const { bytes: read, ContentEncoding, ContentLength } = await get("stream");
    assert.deepEqual(createHash("sha256").update(read).digest(), createHash("sha256").update(bytes).digest());
    assert.equal(ContentEncoding, undefined);
    assert.equal(ContentLength, bytes.length);
    assert.equal(stored.ETag, `"${createHash("md5").update(bytes).digest("hex")}"`);
    assert.ok(stored.ChecksumCRC32);
    assert.equal((await get("stream", { ChecksumMode: "ENABLED" })).ChecksumCRC32, stored.ChecksumCRC32);
  });

  it("stores an empty object", async () => {
    await put("empty", "");
    assert.equal((await get("empty")).bytes.length, 0);
  });

  it("returns all properties of an object", async () => {
    await put("described", "x", {
      ContentType: "video/mp4",
      ContentEncoding: "gzip",
      ContentDisposition: "attachment",
      ContentLanguage: "de",
      CacheControl: "no-cache",
      Metadata: { author: "an author", "page-url": "https://example.org/?a=1&b=2" },
      StorageClass: "STANDARD_IA",
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: "arn:aws:kms:eu-central-1:123456789012:key/abc",
      Tagging: "source=pexels&licence=free%20use",
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "described" }));
    assert.equal(head.ContentType, "video/mp4");
    assert.equal(head.ContentEncoding, "gzip");
    assert.equal(head.ContentDisposition, "attachment");
    assert.equal(head.ContentLanguage, "de");
    assert.equal(head.CacheControl, "no-cache");
    assert.deepEqual(head.Metadata, { author: "an author", "page-url": "https://example.org/?a=1&b=2" });
    assert.equal(head.StorageClass, "STANDARD_IA");
    assert.equal(head.ServerSideEncryption, "aws:kms");
    assert.equal(head.SSEKMSKeyId, "arn:aws:kms:eu-central-1:123456789012:key/abc");
    assert.equal(head.ContentLength, 1);
    assert.equal(head.AcceptRanges, "bytes");
    assert.ok(head.LastModified && Math.abs(head.LastModified.getTime() - Date.now()) < 60_000);
    assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "described" }))).TagSet, [
      { Key: "source", Value: "pexels" },
      { Key: "licence", Value: "free use" },
    ]);
  });

  it("refuses properties that S3 would", async () => {
    await assert.rejects(put("k", "x", { Metadata: { a: "b".repeat(2048) } }), fault("MetadataTooLarge", 400));
    await assert.rejects(put("k", "x", { StorageClass: "CHEAP" }), fault("InvalidStorageClass", 400));
    await assert.rejects(
      put("k", "x", { ServerSideEncryption: "rot13" }),
      fault("InvalidEncryptionAlgorithmError", 400),
    );
    await assert.rejects(put("k", "x", { ACL: "public-read" }), fault("AccessControlListNotSupported", 400));
    await assert.rejects(get("k"), fault("NoSuchKey", 404));
  });

  it("returns 206 for a range, an open range and a suffix, and InvalidRange after the end", async () => {
    await put("ranged", "0123456789");
    const range = async (Range: string) => {
      const { bytes, ContentRange, $metadata } = await get("ranged", { Range });
      return [bytes.toString(), ContentRange, $metadata.httpStatusCode];
    };
    assert.deepEqual(await range("bytes=2-4"), ["234", "bytes 2-4/10", 206]);
    assert.deepEqual(await range("bytes=7-"), ["789", "bytes 7-9/10", 206]);
    assert.deepEqual(await range("bytes=-3"), ["789", "bytes 7-9/10", 206]);
    assert.deepEqual(await range("bytes=8-100"), ["89", "bytes 8-9/10", 206]);
    assert.deepEqual(await range("bytes=-100"), ["0123456789", "bytes 0-9/10", 206]);
    assert.deepEqual(await range("bytes=4-2"), ["0123456789", undefined, 200]);
    assert.deepEqual(await range("lines=1-2"), ["0123456789", undefined, 200]);
    await assert.rejects(range("bytes=10-"), fault("InvalidRange", 416));
    await assert.rejects(range("bytes=-0"), fault("InvalidRange", 416));
  });

  it("returns part 1 of a simple object, and no second part", async () => {
    await put("single", "0123456789");
    assert.equal((await get("single", { PartNumber: 1 })).bytes.toString(), "0123456789");
    await assert.rejects(get("single", { PartNumber: 2 }), fault("InvalidPartNumber", 416));
  });

  it("deletes an object, and accepts the deletion of a missing one", async () => {
    await put("gone", "x");
    const files = dataFiles();
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    assert.equal(dataFiles(), files - 1);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
    await assert.rejects(get("gone"), fault("NoSuchKey", 404));
    await assert.rejects(s3.send(new HeadObjectCommand({ Bucket, Key: "gone" })), fault("NotFound", 404));
  });

  it("deletes many objects in one request, and lists them", async () => {
    const keys = ["many/1", "many/&<>\"' 2", "many/007", "many/ü\u{1f600}"];
    for (const key of keys) {
      await put(key, "x");
    }
    const Objects = [...keys, "many/none"].map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.deepEqual(
      Deleted?.map(({ Key }) => Key),
      [...keys, "many/none"],
    );
    assert.equal(Errors, undefined);
    assert.deepEqual(await aws.storage.list(Bucket, "many/"), []);
    const xml = "<Delete><Object><Key>x</Key></Object></Delete>";
    const unchecked = await send(aws.endpoint, { method: "POST", path: `/${Bucket}/?delete=`, body: xml });
    assert.equal(codeOf(unchecked), "InvalidRequest");
  });

  it("removes the bytes of an overwritten object when all readers have ended", async () => {
    await put("replaced", Buffer.alloc(8 * 1024 * 1024, "a"));
    const files = dataFiles();
    const reading = await s3.send(new GetObjectCommand({ Bucket, Key: "replaced" }));
    await put("replaced", "b");
    const old = Buffer.from((await reading.Body?.transformToByteArray()) ?? []);
    assert.ok(old.equals(Buffer.alloc(8 * 1024 * 1024, "a")));
    assert.equal((await get("replaced")).bytes.toString(), "b");
    assert.equal(dataFiles(), files);
  });

  it("requires the length of a body, and refuses one above 5 GiB before it arrives", async () => {
    const none = { payloadHash: "UNSIGNED-PAYLOAD", method: "PUT", path: `/${Bucket}/k` };
    const chunked = await send(aws.endpoint, { ...none, unsigned: { "transfer-encoding": "chunked" } });
    assert.deepEqual([codeOf(chunked), chunked.status], ["MissingContentLength", 411]);
    const large = { "x-amz-decoded-content-length": String(5 * 1024 ** 3 + 1) };
    const refused = await send(aws.endpoint, {
      ...none,
      payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      headers: large,
    });
    assert.deepEqual([codeOf(refused), refused.status], ["EntityTooLarge", 400]);
  });

  it("stores nothing of an interrupted upload", async () => {
    const files = dataFiles();
    const path = `/${Bucket}/half`;
    const { headers } = sign(aws.endpoint, { method: "PUT", path, payloadHash: "UNSIGNED-PAYLOAD" });
    const sending = http.request(`${aws.endpoint}${path}`, {
      method: "PUT",
      headers: { ...headers, "content-length": 200_000 },
    });
    sending.on("error", () => {});
    sending.write(Buffer.alloc(100_000));
    await until(() => dataFiles() === files + 1);
    sending.destroy();
    await until(() => dataFiles() === files);
    await assert.rejects(get("half"), fault("NoSuchKey", 404));
    assert.deepEqual(aws.log, []);
  });

  it("reports unsupported operations", async () => {
    for (const [method, path] of [
      ["GET", `/${Bucket}/?acl=`],
      ["PUT", `/${Bucket}/?versioning=`],
      ["GET", `/${Bucket}/?versions=`],
      ["GET", `/${Bucket}/key?attributes=`],
    ] as const) {
      const answer = await send(aws.endpoint, { method, path });
      assert.deepEqual([codeOf(answer), answer.status], ["NotImplemented", 501], path);
    }
    const patch = await send(aws.endpoint, { method: "PATCH", path: `/${Bucket}/key` });
    assert.deepEqual([codeOf(patch), patch.status], ["MethodNotAllowed", 405]);
  });
});
