import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import {
  CreateBucketCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { type UploadObjectOptions, uploadObject } from "../../../../src/services/s3/upload/upload-object.ts";
import type { Setup } from "../../judge.ts";
import { endsWith } from "./ends-with.ts";
import { serveBytes } from "./serve-bytes.ts";

const MIB = 1024 * 1024;
const BUCKET = "moto-videos";
/** The judge's own servers are local. */
const LOCAL = { allow: ["127.0.0.1"] };

/** `uploadObject` from each of its sources, completed and aborted. */
export async function judgeUploads({ tally, folder }: Setup, s3: S3Client, withoutChecksums: S3Client): Promise<void> {
  await s3.send(
    new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: "eu-central-1" } }),
  );
  const large = randomBytes(20 * MIB);
  const file = path.join(folder, "large.mp4");
  await writeFile(file, large);

  const upload = (key: string, source: UploadObjectOptions["source"], more: Partial<UploadObjectOptions> = {}) =>
    uploadObject({ s3, bucket: BUCKET, key, source, ifExists: "refuse", signal: neverAborted(), ...more });
  const read = async (key: string): Promise<Uint8Array> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };
  const holds = async (key: string, expected: Uint8Array): Promise<void> => {
    assert.ok(Buffer.from(expected).equals(await read(key)), `${key} holds other bytes`);
  };
  const leftBehind = async (key: string): Promise<void> => {
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
    assert.deepEqual(Uploads, []);
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key }));
    assert.equal(KeyCount, 0);
  };

  await tally.check("a file of 20 MiB is uploaded in parts, byte by byte, with metadata, tags and type", async () => {
    const progress: number[] = [];
    const done = await upload(
      "from/file.mp4",
      { path: file },
      {
        partSizeBytes: 8 * MIB,
        metadata: { author: "Zoë Müller", page: "https://example.com/?a=1&b=2" },
        tags: { run: "one + two/three", empty: "" },
        onProgress: ({ loadedBytes }) => progress.push(loadedBytes),
      },
    );
    assert.match(done.etag, /-3$/);
    assert.deepEqual(
      [done.bytes, done.uri, progress.at(-1)],
      [large.length, `s3://${BUCKET}/from/file.mp4`, large.length],
    );
    await holds("from/file.mp4", large);
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "from/file.mp4" }));
    assert.deepEqual([head.ContentType, head.Metadata?.page], ["video/mp4", "https://example.com/?a=1&b=2"]);
    assert.equal(head.Metadata?.author, `=?UTF-8?B?${Buffer.from("Zoë Müller").toString("base64")}?=`);
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key: "from/file.mp4" }));
    assert.deepEqual(
      new Map(TagSet?.map(({ Key, Value }) => [Key, Value])),
      new Map([
        ["run", "one + two/three"],
        ["empty", ""],
      ]),
    );
  });
  for (const [what, bytes] of [
    ["in one request", Buffer.from("{}")],
    ["in parts", large],
  ] as const) {
    await tally.check(`an ACL, metadata and the headers of an object arrive, sent ${what}`, async () => {
      const key = `with/properties ${bytes.length}.mp4`;
      await upload(
        key,
        { buffer: bytes, name: "a.mp4" },
        {
          partSizeBytes: 8 * MIB,
          acl: "public-read",
          metadata: { Shot: "7", place: "Zürich" },
          cacheControl: "max-age=86400, immutable",
          contentDisposition: 'attachment; filename="a b.mp4"',
        },
      );
      const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
      assert.deepEqual(
        [head.CacheControl, head.ContentDisposition, head.ContentType, head.Metadata?.shot],
        ["max-age=86400, immutable", 'attachment; filename="a b.mp4"', "video/mp4", "7"],
      );
      const { Grants = [] } = await s3.send(new GetObjectAclCommand({ Bucket: BUCKET, Key: key }));
      assert.ok(
        Grants.some(({ Permission, Grantee }) => Permission === "READ" && /AllUsers$/.test(Grantee?.URI ?? "")),
      );
    });
  }
  await tally.check("an account without checksums, and a look in place of a condition, serve as well", async () => {
    for (const [key, bytes] of [
      ["plain/small.mp4", Buffer.from("{}")],
      ["plain/large.mp4", large],
    ] as const) {
      const request = { source: { buffer: bytes, name: "a.mp4" }, bucket: BUCKET, key, signal: neverAborted() };
      await uploadObject({ s3: withoutChecksums, ifExists: "check", partSizeBytes: 8 * MIB, ...request });
      await holds(key, bytes);
      await endsWith("S3_OBJECT_EXISTS", uploadObject({ s3: withoutChecksums, ifExists: "check", ...request }));
    }
  });
  await tally.check("a buffer is uploaded in one request, with a checksum", async () => {
    const done = await upload("from/buffer.json", { buffer: Buffer.from("{}"), name: "a.json" });
    assert.match(done.etag, /^[0-9a-f]{32}$/);
    assert.equal(
      (await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "from/buffer.json" }))).ContentType,
      "application/json",
    );
    await holds("from/buffer.json", Buffer.from("{}"));
  });
  for (const length of ["announced", "not announced"] as const) {
    await tally.check(`a URL whose length is ${length} is streamed`, async () => {
      await using server = await serveBytes(large, { announce: length === "announced" });
      const key = `from/url ${length}.mp4`;
      const done = await upload(key, { url: server.url, addresses: LOCAL });
      assert.equal(done.bytes, large.length);
      await holds(key, large);
    });
  }
  await tally.check("a key with a space, an umlaut and & ? = # % + is stored under that name", async () => {
    const key = "from/Größe & more?=#%25+~/clip.mp4";
    await upload(key, { buffer: large.subarray(0, 100), name: "clip.mp4" });
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "from/Gr" }));
    assert.deepEqual(
      Contents?.map(({ Key }) => Key),
      [key],
    );
  });
  await tally.check("storage class and encryption are set", async () => {
    const attributes = { storageClass: "STANDARD_IA", encryption: { algorithm: "AES256" } } as const;
    await upload("from/class.bin", { buffer: Buffer.from("1"), name: "class.bin" }, attributes);
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "from/class.bin" }));
    assert.deepEqual([head.StorageClass, head.ServerSideEncryption], ["STANDARD_IA", "AES256"]);
  });
  await tally.check("an existing object is not replaced, small or large", async () => {
    await endsWith("S3_OBJECT_EXISTS", upload("from/buffer.json", { buffer: Buffer.from("[]"), name: "a.json" }));
    await endsWith("S3_OBJECT_EXISTS", upload("from/buffer.json", { path: file }));
    await holds("from/buffer.json", Buffer.from("{}"));
  });
  await tally.check("an existing object is replaced if allowed", async () => {
    await upload("from/buffer.json", { path: file }, { ifExists: "overwrite" });
    await holds("from/buffer.json", large);
  });
  await tally.check("an unknown bucket is S3_BUCKET_NOT_FOUND, for one request and for parts", async () => {
    const bucket = "moto-missing";
    await endsWith("S3_BUCKET_NOT_FOUND", upload("k", { buffer: Buffer.from("1"), name: "k" }, { bucket }));
    await endsWith("S3_BUCKET_NOT_FOUND", upload("k", { path: file }, { bucket }));
  });
  await tally.check("an abort during the upload leaves nothing", async () => {
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error("enough"));
    await endsWith(
      "ABORTED",
      upload("aborted.mp4", { path: file }, { partSizeBytes: 5 * MIB, signal: stop.signal, onProgress }),
    );
    await leftBehind("aborted.mp4");
  });
  await tally.check("an abort while a URL stalls leaves nothing", async () => {
    await using server = await serveBytes(large, { announce: true, stallAfter: 12 * MIB });
    const stop = new AbortController();
    const onProgress = (): void => stop.abort(new Error("enough"));
    await endsWith(
      "ABORTED",
      upload(
        "stalled.mp4",
        { url: server.url, addresses: LOCAL },
        { partSizeBytes: 5 * MIB, signal: stop.signal, onProgress },
      ),
    );
    await leftBehind("stalled.mp4");
  });
  await tally.check("a URL that ends early is SOURCE_INCOMPLETE and leaves nothing", async () => {
    await using server = await serveBytes(large, { announce: true, breakAfter: 19 * MIB });
    await endsWith(
      "SOURCE_INCOMPLETE",
      upload("early.mp4", { url: server.url, addresses: LOCAL }, { partSizeBytes: 5 * MIB }),
    );
    await leftBehind("early.mp4");
  });
}

function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
