import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { type ChecksumAlgorithm, GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { sha256Hex, signLines } from "../../src/aws/signature-v4.ts";
import { startChecksum } from "../../src/s3/checksums.ts";
import { CRC32, CRC32C, CRC64NVME, combineCrc, runningCrc } from "../../src/s3/crc.ts";
import { fault, type RunningAws, startAws } from "../aws/aws-server.ts";
import { codeOf, exchange, type RawRequest, send, sign } from "../aws/raw-request.ts";

const Bucket = "integrity";

describe("sandbox s3: integrity of stored objects", () => {
  let aws: RunningAws;
  let s3: S3Client;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
  });
  after(() => aws.close());

  const base64 = (algorithm: string, text: string) => createHash(algorithm).update(text).digest("base64");
  const put = (request: Omit<RawRequest, "path">) =>
    send(aws.endpoint, { method: "PUT", path: `/${Bucket}/key`, body: "hello", ...request });
  const framed = (payloadHash: string, body: string, headers: Record<string, string> = {}) =>
    put({
      payloadHash,
      body,
      headers: { "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "5", ...headers },
    });
  const TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  const trailer = (checksum: string) => `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`;

  afterEach("nothing was stored", async () => {
    assert.equal(await aws.storage.head(Bucket, "key"), undefined);
    assert.deepEqual(readdirSync(path.join(aws.dir, "data")), []);
  });

  const refused: [what: string, send: () => ReturnType<typeof put>, code: string][] = [
    ["a wrong MD5", () => put({ headers: { "content-md5": base64("md5", "other") } }), "BadDigest"],
    ["an MD5 that is none", () => put({ headers: { "content-md5": "abc" } }), "InvalidDigest"],
    ["a wrong CRC32", () => put({ headers: { "x-amz-checksum-crc32": "AAAAAA==" } }), "BadDigest"],
    ["a wrong SHA-256", () => put({ headers: { "x-amz-checksum-sha256": base64("sha256", "other") } }), "BadDigest"],
    ["a checksum that is none", () => put({ headers: { "x-amz-checksum-crc32": "AAAA" } }), "InvalidRequest"],
    [
      "two checksums",
      () => put({ headers: { "x-amz-checksum-crc32": "NhCmhg==", "x-amz-checksum-sha1": base64("sha1", "hello") } }),
      "InvalidRequest",
    ],
    ["a checksum it does not know", () => put({ headers: { "x-amz-checksum-xxhash64": "AAAA" } }), "NotImplemented"],
    [
      "an announced checksum that is not there",
      () => put({ headers: { "x-amz-sdk-checksum-algorithm": "CRC32" } }),
      "InvalidRequest",
    ],
    ["a wrong hash of the body", () => put({ payloadHash: sha256Hex("other") }), "XAmzContentSHA256Mismatch"],
    [
      "a wrong checksum behind the body",
      () => framed(TRAILER, trailer("AAAAAA=="), { "x-amz-trailer": "x-amz-checksum-crc32" }),
      "BadDigest",
    ],
    [
      "a trailer that is missing",
      () => framed(TRAILER, "5\r\nhello\r\n0\r\n\r\n", { "x-amz-trailer": "x-amz-checksum-crc32" }),
      "MalformedTrailerError",
    ],
    ["fewer bytes than announced", () => framed(TRAILER, "4\r\nhell\r\n0\r\n\r\n"), "IncompleteBody"],
    ["framing that is none", () => framed(TRAILER, "hello"), "IncompleteBody"],
    [
      "a chunk with a made-up signature",
      () => framed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", `5;chunk-signature=${"0".repeat(64)}\r\nhello\r\n`),
      "SignatureDoesNotMatch",
    ],
  ];
  for (const [what, request, code] of refused) {
    it(`refuses ${what} with ${code} and stores nothing`, async () => {
      const answer = await request();
      assert.equal(codeOf(answer), code, answer.body);
    });
  }

  it("refuses a wrong checksum before the end of a long body", async () => {
    const Body = Buffer.alloc(20 * 1024 * 1024);
    const wrong = new PutObjectCommand({ Bucket, Key: "key", Body, ChecksumCRC32: "AAAAAA==" });
    await assert.rejects(s3.send(wrong), fault("BadDigest", 400));
    const md5 = new PutObjectCommand({ Bucket, Key: "key", Body, ContentMD5: base64("md5", "other") });
    await assert.rejects(s3.send(md5), fault("BadDigest", 400));
    const early = new PutObjectCommand({ Bucket: "no-such-bucket", Key: "key", Body });
    await assert.rejects(s3.send(early), fault("NoSuchBucket", 404));
  });
});

describe("sandbox s3: valid checksums", () => {
  let aws: RunningAws;
  before(async () => {
    aws = await startAws();
    await aws.storage.createBucket(Bucket);
  });
  after(() => aws.close());

  for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] satisfies ChecksumAlgorithm[]) {
    it(`computes ${algorithm} like the SDK`, async () => {
      const Body = Buffer.from("123456789".repeat(1000));
      const running = startChecksum(algorithm);
      running.update(Body);
      const value = running.digest().toString("base64");
      const s3 = aws.s3();
      const field = `Checksum${algorithm}` as const;
      const input = { Bucket, Key: algorithm, Body, [field]: value };
      assert.equal((await s3.send(new PutObjectCommand(input)))[field], value);
      const answer = await s3.send(new GetObjectCommand({ Bucket, Key: algorithm, ChecksumMode: "ENABLED" }));
      assert.equal(answer[field], value);
      assert.equal(answer.ChecksumType, "FULL_OBJECT");
      assert.ok(Body.equals(Buffer.from((await answer.Body?.transformToByteArray()) ?? [])));
    });
  }

  it("accepts a body with signed chunks and a signed trailing checksum", async () => {
    const path = `/${Bucket}/signed`;
    const payloadHash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    const headers = { "x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32" };
    const signed = sign(aws.endpoint, { method: "PUT", path, payloadHash, headers });
    const line = (kind: string, ...rest: string[]) =>
      signLines(signed.key, [`AWS4-HMAC-SHA256-${kind}`, signed.date, signed.scope, ...rest]);
    const first = line("PAYLOAD", signed.signature, sha256Hex(""), sha256Hex("hello"));
    const last = line("PAYLOAD", first, sha256Hex(""), sha256Hex(""));
    const checksum = "x-amz-checksum-crc32:NhCmhg==";
    const end = line("TRAILER", last, sha256Hex(`${checksum}\n`));
    const body = `5;chunk-signature=${first}\r\nhello\r\n0;chunk-signature=${last}\r\n${checksum}\r\nx-amz-trailer-signature:${end}\r\n\r\n`;
    const answer = await exchange(aws.endpoint, { method: "PUT", path, headers: signed.headers, body });
    assert.equal(answer.status, 200, answer.body);
    assert.equal((await aws.storage.head(Bucket, "signed"))?.bytes, 5);
  });

  it("has the check values of the published catalog of CRCs", () => {
    const check = (kind: typeof CRC32) => {
      const running = runningCrc(kind);
      running.update(Buffer.from("1234"));
      running.update(Buffer.from("56789"));
      return running.digest().toString("hex");
    };
    assert.equal(check(CRC32), "cbf43926");
    assert.equal(check(CRC32C), "e3069283");
    assert.equal(check(CRC64NVME), "ae8b14860a799888");
  });

  for (const kind of [CRC32, CRC32C, CRC64NVME]) {
    it(`combines two CRCs of ${kind.bits} bits (${kind.polynomial.toString(16)}) without the bytes`, () => {
      const sum = (bytes: Buffer) => {
        const running = runningCrc(kind);
        running.update(bytes);
        return running.digest();
      };
      const [a, b] = [Buffer.from("the first part"), Buffer.alloc(100_003, "second")];
      assert.deepEqual(combineCrc(kind, sum(a), sum(b), b.length), sum(Buffer.concat([a, b])));
    });
  }
});
