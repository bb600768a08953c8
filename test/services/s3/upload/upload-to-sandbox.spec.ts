import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { join } from "node:path";
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  createAwsServer,
  createFaults,
  createS3Service,
  type Faults,
  listen,
  presignUrl,
  stopServer,
} from "lightly-aws-sandbox/services";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import {
  type UploadedObject,
  type UploadObjectOptions,
  uploadObject,
} from "../../../../src/services/s3/upload/upload-object.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { type FileServer, patterned, sendFile, sendUntil, serve } from "../../http/file-server.ts";

const MIB = 1024 * 1024;
const SMALL = patterned(300_000);
const LARGE = patterned(12 * MIB + 4);
const CREDENTIALS = { accessKeyId: "AKIDSANDBOX", secretAccessKey: "sandbox-secret" };
const REGION = "eu-central-1";
const BUCKET = "videos";

describe("uploadObject to the sandbox's S3", () => {
  let faults: Faults;
  let awsServer: Server;
  let endpoint: string;
  const folder = temporaryFolder();
  let s3: S3Client;
  let source: FileServer | undefined;

  before(async () => {
    faults = createFaults();
    const service = await createS3Service({ dir: join(folder, "s3"), region: REGION });
    await service.storage.createBucket(BUCKET);
    awsServer = createAwsServer({ credentials: CREDENTIALS, services: [service], faults });
    endpoint = await listen(awsServer, 0, "aws");
    s3 = client();
  });
  afterEach(async () => {
    faults.clear();
    await source?.close();
    source = undefined;
  });
  after(async () => {
    s3.destroy();
    await stopServer(awsServer);
  });

  function client(credentials = CREDENTIALS): S3Client {
    return new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true });
  }

  function upload(key: string, request: Partial<UploadObjectOptions> = {}): Promise<UploadedObject> {
    return uploadObject({
      s3,
      bucket: BUCKET,
      key,
      source: { buffer: LARGE, name: "clip.mp4" },
      ifExists: "refuse",
      partSizeBytes: 5 * MIB,
      signal: new AbortController().signal,
      ...request,
    });
  }

  async function failure(work: Promise<UploadedObject>): Promise<PipelineError> {
    const outcome = await work.then(
      (uploaded) => uploaded,
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${JSON.stringify(outcome)}`);
    return outcome;
  }

  async function read(key: string): Promise<Buffer> {
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    assert.ok(body);
    return Buffer.from(await body.transformToByteArray());
  }

  async function assertNothingLeft(key: string): Promise<void> {
    const { Uploads: uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
    const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: key }));
    assert.deepEqual([uploads, objects], [[], []]);
  }

  it("stores a file in parts, byte for byte", async () => {
    const path = join(folder, "clip.mov");
    await writeFile(path, LARGE);
    const uploaded = await upload("file/clip.mov", { source: { path } });
    assert.ok(LARGE.equals(await read("file/clip.mov")));
    assert.equal(uploaded.bytes, LARGE.length);
    assert.match(uploaded.etag, /^[0-9a-f]{32}-3$/);
    assert.match(uploaded.checksum?.value ?? "", /^[\w+/]{6}==-3$/);
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: "file/clip.mov", ChecksumMode: "ENABLED" }),
    );
    assert.equal(head.ChecksumCRC32, uploaded.checksum?.value);
    assert.equal(head.ContentType, "video/quicktime");
  });

  it("stores a buffer in one request", async () => {
    const uploaded = await upload("small/clip.mp4", { source: { buffer: SMALL, name: "clip.mp4" } });
    assert.ok(SMALL.equals(await read("small/clip.mp4")));
    assert.match(uploaded.checksum?.value ?? "", /^[\w+/]{6}==$/);
  });

  it("stores the content of a presigned URL", async () => {
    await upload("from/clip.mp4");
    const place = { credentials: CREDENTIALS, region: REGION, endpoint, bucket: BUCKET, key: "from/clip.mp4" };
    const url = presignUrl({ ...place, method: "GET", expiresSeconds: 60 });
    await upload("to/clip.mp4", { source: { url } });
    assert.ok(LARGE.equals(await read("to/clip.mp4")));
  });

  it("does not expose the signature of an expired URL", async () => {
    const place = { credentials: CREDENTIALS, region: REGION, endpoint, bucket: BUCKET, key: "from/clip.mp4" };
    const now = new Date(Date.now() - 3_600_000);
    const url = presignUrl({ ...place, method: "GET", expiresSeconds: 60, now });
    const error = await failure(upload("expired/clip.mp4", { source: { url } }));
    assert.equal(error.code, "SOURCE_UNREADABLE");
    const signature = new URL(url).searchParams.get("X-Amz-Signature") ?? "";
    assert.ok(signature.length > 20);
    assert.ok(!JSON.stringify([error.message, error.details]).includes(signature));
  });

  it("stores a source whose connection breaks", async () => {
    source = await serve((request, response, count) =>
      count === 1 ? sendUntil(request, response, LARGE, 7 * MIB) : sendFile(request, response, LARGE),
    );
    await upload("resumed/clip.mp4", { source: { url: source.url().href } });
    assert.ok(LARGE.equals(await read("resumed/clip.mp4")));
    assert.equal(source.requests.length, 2);
  });

  it("keeps metadata and tags", async () => {
    const key = "described/clip.mp4";
    await upload(key, {
      metadata: { author: "Zoë Müller", page: "https://www.pexels.com/video/1/" },
      tags: { project: "a = b", stage: "raw" },
    });
    const { Metadata: metadata } = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
    assert.equal(metadata?.page, "https://www.pexels.com/video/1/");
    assert.equal(Buffer.from(metadata?.author?.slice(10, -2) ?? "", "base64").toString(), "Zoë Müller");
    const { TagSet: tags } = await s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key: key }));
    assert.deepEqual(tags, [
      { Key: "project", Value: "a = b" },
      { Key: "stage", Value: "raw" },
    ]);
  });

  for (const [name, bytes] of [
    ["one request", SMALL],
    ["parts", LARGE],
  ] as const) {
    it(`does not overwrite in ${name}, with or without permission to check first`, async () => {
      const key = `taken/${bytes.length}`;
      await upload(key, { source: { buffer: SMALL, name: "first" } });
      const again = { source: { buffer: bytes, name: "second" } };
      assert.equal((await failure(upload(key, again))).code, "S3_OBJECT_EXISTS");
      faults.add({ service: "s3", operation: "HeadObject", kind: "status", status: 403, code: "AccessDenied" });
      assert.equal((await failure(upload(key, again))).code, "S3_OBJECT_EXISTS");
      faults.clear();
      assert.ok(SMALL.equals(await read(key)));
      const { Uploads: uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
      assert.deepEqual(uploads, []);
      await upload(key, { ...again, ifExists: "overwrite" });
      assert.ok(bytes.equals(await read(key)));
    });
  }

  it("succeeds if S3 is busy or a connection breaks", async () => {
    faults.add({ service: "s3", operation: "UploadPart", kind: "throttle", times: 1 });
    faults.add({ service: "s3", operation: "UploadPart", kind: "reset", times: 1, after: 2 });
    faults.add({
      service: "s3",
      operation: "CompleteMultipartUpload",
      kind: "status",
      status: 500,
      code: "InternalError",
      times: 1,
    });
    await upload("bumpy/clip.mp4");
    assert.ok(LARGE.equals(await read("bumpy/clip.mp4")));
  });

  it("leaves nothing when it is aborted while a part hangs", async () => {
    faults.add({ service: "s3", operation: "UploadPart", kind: "hang", after: 1 });
    const abort = new AbortController();
    const onProgress = (): void => abort.abort(new Error("another step failed"));
    const error = await failure(upload("aborted/clip.mp4", { signal: abort.signal, onProgress }));
    assert.equal(error.code, "ABORTED");
    await assertNothingLeft("aborted/");
  });

  it("leaves nothing when it is aborted while its source is silent", async () => {
    source = await serve((_request, response) => {
      response.writeHead(200, { "content-length": LARGE.length, etag: '"v1"' });
      response.write(LARGE.subarray(0, 6 * MIB));
    });
    const abort = new AbortController();
    const onProgress = (): void => abort.abort(new Error("another step failed"));
    const request = { source: { url: source.url().href }, signal: abort.signal, onProgress };
    const error = await failure(upload("silent/clip.mp4", request));
    assert.equal(error.code, "ABORTED");
    await assertNothingLeft("silent/");
  });

  for (const operation of ["UploadPart", "CompleteMultipartUpload"]) {
    it(`leaves nothing when ${operation} is refused`, async () => {
      faults.add({ service: "s3", operation, kind: "status", status: 403, code: "AccessDenied" });
      const error = await failure(upload("refused/clip.mp4"));
      assert.equal(error.code, "S3_ACCESS_DENIED");
      await assertNothingLeft("refused/");
    });
  }

  it("leaves nothing when the source ends early", async () => {
    source = await serve((request, response) => sendUntil(request, response, LARGE, 11 * MIB, {}));
    const error = await failure(upload("short/clip.mp4", { source: { url: source.url().href } }));
    assert.equal(error.code, "SOURCE_INCOMPLETE");
    await assertNothingLeft("short/");
  });

  it("names an unknown bucket and wrong credentials", async () => {
    assert.equal((await failure(upload("clip.mp4", { bucket: "no-such-bucket" }))).code, "S3_BUCKET_NOT_FOUND");
    const stranger = client({ ...CREDENTIALS, secretAccessKey: "wrong" });
    const error = await failure(upload("clip.mp4", { s3: stranger }));
    stranger.destroy();
    assert.equal(error.code, "AWS_CREDENTIALS_INVALID");
  });
});
