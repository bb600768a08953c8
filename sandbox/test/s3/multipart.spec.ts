import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  PutObjectCommand,
  paginateListParts,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { fault, type RunningAws, startAws } from "../aws/aws-server.ts";
import { codeOf, send } from "../aws/raw-request.ts";

const Bucket = "multipart";
const MIB = 1024 * 1024;

describe("sandbox s3: multipart uploads", () => {
  let aws: RunningAws;
  let s3: S3Client;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
  });
  after(() => aws.close());

  const begin = async (Key: string, more: object = {}) =>
    (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId ?? "";
  const part = async (Key: string, UploadId: string, PartNumber: number, Body: Buffer): Promise<CompletedPart> => {
    const { ETag = "" } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const complete = (Key: string, UploadId: string, Parts: CompletedPart[], more: object = {}) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));
  const dataFiles = () => readdirSync(path.join(aws.dir, "data")).length;
  const large = Buffer.alloc(5 * MIB, "a");
  const small = Buffer.from("the end");

  it("creates upload ids that are valid command line arguments", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => begin("named")));
    assert.deepEqual(
      ids.filter((id) => !/^\w{32,}$/.test(id)),
      [],
    );
    await Promise.all(
      ids.map((UploadId) => s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "named", UploadId }))),
    );
  });

  it("stores three parts of 8 MiB from lib-storage and returns the same bytes, with ETag and checksum computed from the parts", async () => {
    const bytes = randomBytes(24 * MIB);
    const params = {
      Bucket,
      Key: "large",
      Body: bytes,
      Metadata: { author: "x" },
      ContentType: "video/mp4",
      Tagging: "a=b",
    };
    const stored = await new Upload({ client: s3, params, partSize: 8 * MIB }).done();
    const parts = Array.from({ length: 3 }, (_, i) => bytes.subarray(i * 8 * MIB, (i + 1) * 8 * MIB));
    const md5 = createHash("md5");
    const checks = Buffer.alloc(12);
    for (const [i, one] of parts.entries()) {
      md5.update(createHash("md5").update(one).digest());
      checks.writeUInt32BE(crc32(one), i * 4);
    }
    const composite = Buffer.alloc(4);
    composite.writeUInt32BE(crc32(checks));
    assert.equal(stored.ETag, `"${md5.digest("hex")}-3"`);
    assert.equal(stored.ChecksumCRC32, `${composite.toString("base64")}-3`);
    assert.equal(stored.ChecksumType, "COMPOSITE");
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: "large", ChecksumMode: "ENABLED" }));
    assert.ok(bytes.equals(Buffer.from((await read.Body?.transformToByteArray()) ?? [])));
    assert.deepEqual([read.Metadata, read.ContentType, read.TagCount], [{ author: "x" }, "video/mp4", 1]);
    const across = await s3.send(
      new GetObjectCommand({ Bucket, Key: "large", Range: `bytes=${8 * MIB - 3}-${16 * MIB + 2}` }),
    );
    assert.ok(
      bytes.subarray(8 * MIB - 3, 16 * MIB + 3).equals(Buffer.from((await across.Body?.transformToByteArray()) ?? [])),
    );
    const second = await s3.send(
      new GetObjectCommand({ Bucket, Key: "large", PartNumber: 2, ChecksumMode: "ENABLED" }),
    );
    assert.ok(parts[1]?.equals(Buffer.from((await second.Body?.transformToByteArray()) ?? [])));
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "large", PartNumber: 1, ChecksumMode: "ENABLED" }));
    assert.deepEqual([head.PartsCount, head.ContentLength], [3, 8 * MIB]);
  });

  it("removes the parts of an aborted upload, and no longer lists it", async () => {
    const files = dataFiles();
    const id = await begin("aborted");
    await part("aborted", id, 1, small);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId: id }));
    assert.equal(dataFiles(), files);
    await assert.rejects(part("aborted", id, 2, small), fault("NoSuchUpload", 404));
    await assert.rejects(complete("aborted", id, [{ PartNumber: 1, ETag: "x" }]), fault("NoSuchUpload", 404));
    const again = new AbortMultipartUploadCommand({ Bucket, Key: "aborted", UploadId: id });
    await assert.rejects(s3.send(again), fault("NoSuchUpload", 404));
    await assert.rejects(
      s3.send(new ListPartsCommand({ Bucket, Key: "aborted", UploadId: id })),
      fault("NoSuchUpload", 404),
    );
    assert.equal((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads, undefined);
  });

  it("lists parts and uploads, page by page", async () => {
    const ids = [await begin("list/a", { ChecksumAlgorithm: "CRC32" }), await begin("list/a"), await begin("list/b")];
    for (const number of [3, 1, 2]) {
      await part("list/a", ids[0] ?? "", number, Buffer.from(`part ${number}`));
    }
    const numbers: (number | undefined)[] = [];
    const input = { Bucket, Key: "list/a", UploadId: ids[0] };
    for await (const page of paginateListParts({ client: s3, pageSize: 2 }, input)) {
      numbers.push(...(page.Parts ?? []).map(({ PartNumber }) => PartNumber));
      assert.equal(page.Parts?.[0]?.Size, 6);
      assert.equal(page.ChecksumAlgorithm, "CRC32");
    }
    assert.deepEqual(numbers, [1, 2, 3]);
    const seen: (string | undefined)[] = [];
    let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
    while (next) {
      const page: ListMultipartUploadsCommandOutput = await s3.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: "list/", MaxUploads: 1, ...next }),
      );
      const { Uploads, IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
      seen.push(...(Uploads ?? []).map(({ UploadId }) => UploadId));
      next = IsTruncated ? { KeyMarker: NextKeyMarker ?? "", UploadIdMarker: NextUploadIdMarker ?? "" } : undefined;
    }
    assert.deepEqual([...seen].sort(), [...ids].sort());
    const rolled = await s3.send(new ListMultipartUploadsCommand({ Bucket, Delimiter: "/" }));
    assert.deepEqual(rolled.CommonPrefixes, [{ Prefix: "list/" }]);
  });

  it("refuses parts that are unknown, out of order, too small, or listed wrongly, and keeps the upload", async () => {
    const id = await begin("strict");
    const [one, two] = [await part("strict", id, 1, small), await part("strict", id, 2, small)];
    await assert.rejects(complete("strict", id, [one, two]), fault("EntityTooSmall", 400));
    await assert.rejects(complete("strict", id, [two, one]), fault("InvalidPartOrder", 400));
    await assert.rejects(complete("strict", id, [one, one]), fault("InvalidPartOrder", 400));
    await assert.rejects(complete("strict", id, [{ ...one, ETag: '"0"' }]), fault("InvalidPart", 400));
    await assert.rejects(complete("strict", id, [{ ...one, PartNumber: 9 }]), fault("InvalidPart", 400));
    await assert.rejects(complete("strict", id, [{ ...one, ChecksumCRC32: "AAAAAA==" }]), fault("InvalidPart", 400));
    await assert.rejects(complete("strict", id, []), fault("MalformedXML", 400));
    const wrongSize = complete("strict", id, [one], { MpuObjectSize: 8 });
    await assert.rejects(wrongSize, fault("InvalidRequest", 400));
    await assert.rejects(part("strict", id, 10_001, small), fault("InvalidArgument", 400));
    await complete("strict", id, [one], { MpuObjectSize: 7 });
    assert.equal((await aws.storage.head(Bucket, "strict"))?.bytes, 7);
  });

  it("uses the last of several parts with the same number, and removes unlisted parts", async () => {
    const files = dataFiles();
    const id = await begin("again");
    await part("again", id, 1, small);
    const one = await part("again", id, 1, large);
    await part("again", id, 2, small);
    const three = await part("again", id, 3, small);
    const { ETag } = await complete("again", id, [one, three]);
    assert.match(ETag ?? "", /-2"$/);
    assert.equal((await aws.storage.head(Bucket, "again"))?.bytes, large.length + small.length);
    assert.equal(dataFiles(), files + 2);
  });

  it("returns the same response for two simultaneous completions of an upload", async () => {
    const id = await begin("twice");
    const parts = [await part("twice", id, 1, small)];
    const [a, b] = await Promise.all([complete("twice", id, parts), complete("twice", id, parts)]);
    assert.equal(a.ETag, b.ETag);
    assert.equal((await complete("twice", id, parts)).ETag, a.ETag);
  });

  it("completes only if a condition matches, and keeps the upload otherwise", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "taken", Body: "x" }));
    const id = await begin("taken");
    const parts = [await part("taken", id, 1, small)];
    await assert.rejects(complete("taken", id, parts, { IfNoneMatch: "*" }), fault("PreconditionFailed", 412));
    await assert.rejects(complete("taken", id, parts, { IfMatch: "other" }), fault("PreconditionFailed", 412));
    assert.equal((await s3.send(new ListPartsCommand({ Bucket, Key: "taken", UploadId: id }))).Parts?.length, 1);
    await complete("taken", id, parts, { IfMatch: "*" });
  });

  it("allows only one of two uploads to create a key", async () => {
    const ids = [await begin("contest"), await begin("contest")];
    const tries = ids.map(async (id) =>
      complete("contest", id, [await part("contest", id, 1, small)], { IfNoneMatch: "*" }),
    );
    const results = await Promise.allSettled(tries);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });

  it("computes a checksum of the whole object if requested", async () => {
    const type = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" };
    const id = await begin("full", type);
    const parts = [await part("full", id, 1, large), await part("full", id, 2, small)];
    const { ChecksumCRC32, ChecksumType } = await complete("full", id, parts, { ChecksumType: "FULL_OBJECT" });
    const expected = Buffer.alloc(4);
    expected.writeUInt32BE(crc32(Buffer.concat([large, small])));
    assert.deepEqual([ChecksumCRC32, ChecksumType], [expected.toString("base64"), "FULL_OBJECT"]);
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: "full", ChecksumMode: "ENABLED" }));
    assert.equal((await read.Body?.transformToByteArray())?.length, large.length + small.length);
    await assert.rejects(
      begin("full", { ChecksumAlgorithm: "SHA256", ChecksumType: "FULL_OBJECT" }),
      fault("InvalidRequest", 400),
    );
    const other = await begin("full", { ChecksumAlgorithm: "SHA256" });
    await assert.rejects(part("full", other, 1, small), fault("InvalidRequest", 400));
  });

  it("copies parts from other objects", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: Buffer.concat([large, small]) }));
    const id = await begin("copied");
    const copy = async (PartNumber: number, CopySourceRange: string) => {
      const input = {
        Bucket,
        Key: "copied",
        UploadId: id,
        PartNumber,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      };
      const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(input));
      return { PartNumber, ETag: CopyPartResult?.ETag ?? "" };
    };
    const parts = [
      await copy(1, `bytes=0-${large.length - 1}`),
      await copy(2, `bytes=${large.length}-${large.length + 6}`),
    ];
    await complete("copied", id, parts);
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: "copied", Range: "bytes=-7" }));
    assert.equal(await read.Body?.transformToString(), "the end");
  });

  it("refuses a list of parts that is not XML, or other XML", async () => {
    const id = await begin("xml");
    for (const body of [
      "",
      "nonsense",
      "<Other/>",
      "<CompleteMultipartUpload>",
      "<!DOCTYPE x><CompleteMultipartUpload/>",
    ]) {
      const request = { method: "POST", path: `/${Bucket}/xml?uploadId=${id}`, body };
      assert.equal(codeOf(await send(aws.endpoint, request)), "MalformedXML", body);
    }
  });
});
