import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { presignObject } from "../../../../src/services/s3/object/presign-object.ts";
import { type OpenedObject, openObject, readObjectText } from "../../../../src/services/s3/object/read-object.ts";
import { S3Stub, useS3Stub } from "../s3-stub.ts";

const REGION = "ap-southeast-2";
const LIMITS = { maxBytes: 1000, timeoutMs: 20_000 };
const BYTES = randomBytes(200);

describe("an object that is read", () => {
  let s3: S3Stub;
  useS3Stub((stub) => {
    s3 = stub;
  });

  const signal = new AbortController().signal;
  const at = (more: object = {}) => ({ s3: s3.client, bucket: "videos", key: "a b/ü.png", signal, ...more });
  const bytesOf = (opened: OpenedObject | undefined) => buffer(Readable.from(opened?.chunks ?? []));
  const answer = (send: (response: S3Stub["calls"][number]["response"]) => void): void => {
    s3.script = ({ response }) => send(response);
  };

  it("has its bytes and its length", async () => {
    answer((response) => response.writeHead(200, { "content-length": BYTES.length }).end(BYTES));
    const opened = await openObject(at(), LIMITS);
    equal(opened?.totalBytes, BYTES.length);
    deepEqual(await bytesOf(opened), BYTES);
    equal(s3.calls[0]?.key, "a b/ü.png");
  });

  it("is undefined if it does not exist, which is not so for its bucket", async () => {
    s3.script = (call) => call.refuse(404, "NoSuchKey");
    equal(await openObject(at(), LIMITS), undefined);
    equal(await readObjectText(at(), LIMITS), undefined);
    s3.script = (call) => call.refuse(404, "NoSuchBucket");
    await rejects(openObject(at(), LIMITS), { code: "S3_BUCKET_NOT_FOUND" });
    s3.script = (call) => call.refuse(403, "AccessDenied");
    await rejects(openObject(at(), LIMITS), { code: "S3_ACCESS_DENIED" });
  });

  it("is refused if it is larger than the limit, with or without a declared length", async () => {
    const large = Buffer.alloc(1001);
    answer((response) => response.writeHead(200, { "content-length": large.length }).end(large));
    await rejects(openObject(at(), LIMITS), { code: "SOURCE_TOO_LARGE" });
    answer((response) => response.writeHead(200).end(large));
    const opened = await openObject(at(), LIMITS);
    await rejects(bytesOf(opened), { code: "SOURCE_TOO_LARGE" });
  });

  it("ends with its signal and at its time limit, even in the middle of its content", async () => {
    answer((response) => void response.writeHead(200, { "content-length": 200 }).write(BYTES.subarray(0, 100)));
    const aborted = new AbortController();
    const opened = await openObject(at({ signal: aborted.signal }), LIMITS);
    const { value } = (await opened?.chunks.next()) ?? {};
    deepEqual(value, BYTES.subarray(0, 100));
    aborted.abort(new Error("enough"));
    await rejects(async () => opened?.chunks.next(), { code: "ABORTED" });
    const slow = await openObject(at(), { ...LIMITS, timeoutMs: 1000 });
    await rejects(bytesOf(slow), { code: "TIMED_OUT" });
  });

  it("fails if the connection ends before its last byte", async () => {
    answer((response) => {
      response.writeHead(200, { "content-length": 200 }).write(BYTES.subarray(0, 100), () => response.destroy());
    });
    const opened = await openObject(at(), LIMITS);
    await rejects(bytesOf(opened), { code: "AWS_UNREACHABLE" });
  });
});

describe("a signed URL of an object", () => {
  let s3: S3Stub;
  beforeEach(async () => {
    s3 = new S3Stub();
    await s3.listen();
  });
  afterEach(() => s3.close());

  it("is made without a request, for the region of the client", async () => {
    const url = new URL(
      await presignObject({ s3: s3.client, bucket: "videos", key: "a b/ü.png", expirySeconds: 7200 }),
    );
    equal(url.pathname, "/videos/a%20b/%C3%BC.png");
    equal(url.searchParams.get("X-Amz-Expires"), "7200");
    match(url.searchParams.get("X-Amz-Credential") ?? "", /\/eu-central-1\/s3\/aws4_request$/);
    deepEqual(s3.calls, []);
  });

  it("is for the region of the bucket, once a request has found it", async () => {
    const isThere = (headers: S3Stub["calls"][number]["headers"]) =>
      (headers.authorization ?? "").includes(`/${REGION}/`);
    s3.script = (call) =>
      isThere(call.headers)
        ? call.proceed()
        : call.refuse(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": REGION } });
    await s3.client.send(new PutObjectCommand({ Bucket: "videos", Key: "a", Body: "x" }));
    const url = new URL(await presignObject({ s3: s3.client, bucket: "videos", key: "a", expirySeconds: 60 }));
    match(url.searchParams.get("X-Amz-Credential") ?? "", new RegExp(`/${REGION}/s3/aws4_request$`));
  });

  it("fails with the code of missing credentials", async () => {
    await s3.close();
    s3 = new S3Stub();
    await s3.listen({
      credentials: async () => {
        throw new PipelineError("AWS_CREDENTIALS_MISSING", "There are no credentials.");
      },
    });
    await rejects(presignObject({ s3: s3.client, bucket: "videos", key: "a", expirySeconds: 60 }), {
      code: "AWS_CREDENTIALS_MISSING",
    });
  });
});
