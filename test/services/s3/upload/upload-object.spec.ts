import assert from "node:assert/strict";
import { appendFile, chmod, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import type { UploadedObject, UploadObjectOptions } from "../../../../src/services/s3/upload/upload-object.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { type FileServer, patterned, sendFile, sendUntil, serve } from "../../http/file-server.ts";
import { type Call, S3Stub } from "../s3-stub.ts";
import { uploadToStub } from "./upload-to-stub.ts";

const MIB = 1024 * 1024;
const SMALL = patterned(300_000);
/** Three parts of 5 MiB, the last one smaller. */
const LARGE = patterned(12 * MIB);
/** More than what is read ahead before the response to the first request. */
const HUGE = patterned(30 * MIB);

describe("uploadObject", () => {
  let s3: S3Stub;
  let folder: string;
  let server: FileServer | undefined;

  beforeEach(async () => {
    s3 = new S3Stub();
    await s3.listen();
    folder = temporaryFolder();
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await s3.close();
  });

  function upload(request: Partial<UploadObjectOptions>): Promise<UploadedObject> {
    return uploadToStub(s3, SMALL, { key: "in/clip.mp4", ...request });
  }

  async function failure(request: Partial<UploadObjectOptions>): Promise<PipelineError> {
    const outcome = await upload(request).then(
      (uploaded) => uploaded,
      (error: unknown) => error,
    );
    assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${JSON.stringify(outcome)}`);
    return outcome;
  }

  async function file(bytes: Buffer, name = "clip.mp4"): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  }

  function stored(key = "in/clip.mp4"): Buffer {
    const object = s3.objects.get(key);
    assert.ok(object, `nothing is stored as ${key}`);
    return object.bytes;
  }

  describe("uploads", () => {
    it("a small file in one request", async () => {
      const uploaded = await upload({ source: { path: await file(SMALL) } });
      assert.ok(SMALL.equals(stored()));
      assert.deepEqual(s3.operations(), ["PutObject", "HeadObject"]);
      assert.equal(uploaded.uri, "s3://videos/in/clip.mp4");
      assert.equal(uploaded.bytes, SMALL.length);
      assert.equal(uploaded.etag, s3.objects.get("in/clip.mp4")?.etag);
      assert.match(uploaded.checksum?.value ?? "", /^[\w+/]{6}==$/);
    });

    it("a large file in parts, with the size of the object", async () => {
      const uploaded = await upload({ source: { path: await file(LARGE) } });
      assert.ok(LARGE.equals(stored()));
      assert.equal(s3.called("UploadPart").length, 3);
      assert.equal(s3.called("CompleteMultipartUpload")[0]?.headers["x-amz-mp-object-size"], String(LARGE.length));
      assert.equal(uploaded.bytes, LARGE.length);
      assert.equal(s3.uploads.size, 0);
    });

    it("a file of exactly two parts", async () => {
      const bytes = LARGE.subarray(0, 10 * MIB);
      await upload({ source: { path: await file(bytes) } });
      assert.ok(bytes.equals(stored()));
      assert.equal(s3.called("UploadPart").length, 2);
    });

    it("a buffer", async () => {
      await upload({ source: { buffer: LARGE, name: "clip.mp4" } });
      assert.ok(LARGE.equals(stored()));
    });

    it("the content of a URL", async () => {
      server = await serve((request, response) => sendFile(request, response, LARGE));
      await upload({ source: { url: server.url().href } });
      assert.ok(LARGE.equals(stored()));
    });

    it("the content of a URL without a declared length", async () => {
      server = await serve((_request, response) => {
        response.write(LARGE.subarray(0, 1000));
        response.end(LARGE.subarray(1000));
      });
      const uploaded = await upload({ source: { url: server.url().href } });
      assert.ok(LARGE.equals(stored()));
      assert.equal(uploaded.bytes, LARGE.length);
      assert.equal(s3.called("CompleteMultipartUpload")[0]?.headers["x-amz-mp-object-size"], String(LARGE.length));
    });

    it("the content of a URL over two connections", async () => {
      server = await serve((request, response, count) =>
        count === 1 ? sendUntil(request, response, LARGE, 7 * MIB) : sendFile(request, response, LARGE),
      );
      await upload({ source: { url: server.url().href } });
      assert.ok(LARGE.equals(stored()));
    });

    it("with a CRC32 in every request with bytes", async () => {
      await upload({ source: { buffer: LARGE, name: "clip.mp4" } });
      await upload({ source: { buffer: SMALL, name: "clip.mp4" } });
      const carriers = s3.calls.filter((call) => call.operation === "UploadPart" || call.operation === "PutObject");
      assert.equal(carriers.length, 4);
      assert.ok(carriers.every((call) => /^[\w+/]{6}==$/.test(String(call.headers["x-amz-checksum-crc32"]))));
    });
  });

  describe("sets", () => {
    it("metadata, tags, storage class and encryption, in one part or many", async () => {
      for (const [bytes, operation] of [
        [SMALL, "PutObject"],
        [LARGE, "CreateMultipartUpload"],
      ] as const) {
        await upload({
          source: { buffer: bytes, name: "clip.mp4" },
          metadata: { Author: "Zoë", page: "https://example.com/1" },
          tags: { project: "a b", stage: "raw=cut" },
          storageClass: "STANDARD_IA",
          encryption: { algorithm: "aws:kms", keyId: "alias/videos" },
          acl: "bucket-owner-full-control",
          cacheControl: "max-age=86400",
          contentDisposition: 'attachment; filename="a.mp4"',
        });
        const headers = s3.called(operation)[0]?.headers ?? {};
        assert.deepEqual(
          Object.fromEntries(
            Object.entries(headers).filter(([name]) =>
              /^x-amz-(meta|tagging|storage|server|acl)|^content-(type|disp)|^cache/.test(name),
            ),
          ),
          {
            "cache-control": "max-age=86400",
            "content-disposition": 'attachment; filename="a.mp4"',
            "content-type": "video/mp4",
            "x-amz-acl": "bucket-owner-full-control",
            "x-amz-meta-author": "=?UTF-8?B?Wm/Dqw==?=",
            "x-amz-meta-page": "https://example.com/1",
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": "alias/videos",
            "x-amz-storage-class": "STANDARD_IA",
            "x-amz-tagging": "project=a+b&stage=raw%3Dcut",
          },
        );
      }
    });

    it("the requested content type, otherwise the server's, otherwise the name's", async () => {
      server = await serve((request, response) => sendFile(request, response, SMALL));
      const url = server.url("/clip.bin").href;
      const source = { buffer: SMALL, name: "clip.webm" };
      await upload({ key: "a.bin", source: { url }, contentType: "video/x-own" });
      await upload({ key: "b.bin", source: { url } });
      await upload({ key: "c.bin", source });
      await upload({ key: "d.mov", source: { buffer: SMALL, name: "d" } });
      await upload({ key: "e", source: { buffer: SMALL, name: "e" } });
      assert.deepEqual(
        s3.called("PutObject").map((call) => call.headers["content-type"]),
        ["video/x-own", "video/mp4", "video/webm", "video/quicktime", "application/octet-stream"],
      );
    });
  });

  it("reports the bytes that S3 has confirmed, up to the last", async () => {
    const seen: Array<{ loadedBytes: number; totalBytes?: number }> = [];
    await upload({ source: { buffer: LARGE, name: "clip.mp4" }, onProgress: (progress) => seen.push(progress) });
    assert.equal(seen.length, 3);
    assert.deepEqual(seen.at(-1), { loadedBytes: LARGE.length, totalBytes: LARGE.length });
    assert.deepEqual(
      seen.map(({ loadedBytes }) => loadedBytes),
      seen.map(({ loadedBytes }) => loadedBytes).sort((a, b) => a - b),
    );
  });

  describe("refuses to overwrite", () => {
    it("before it sends a byte", async () => {
      await upload({});
      s3.calls.length = 0;
      const error = await failure({ ifExists: "refuse", source: { buffer: LARGE, name: "clip.mp4" } });
      assert.equal(error.code, "S3_OBJECT_EXISTS");
      assert.deepEqual(s3.operations(), ["HeadObject"]);
    });

    for (const [name, bytes] of [
      ["one part", SMALL],
      ["many parts", LARGE],
    ] as const) {
      it(`an object of ${name} that appears during the upload`, async () => {
        s3.script = (call) => {
          if (call.operation === "HeadObject") {
            call.refuse(404, "NotFound");
            s3.objects.set(call.key, { bytes: Buffer.from("theirs"), etag: "theirs", headers: {} });
          } else {
            call.proceed();
          }
        };
        const error = await failure({ ifExists: "refuse", source: { buffer: bytes, name: "clip.mp4" } });
        assert.equal(error.code, "S3_OBJECT_EXISTS");
        assert.equal(stored().toString(), "theirs");
        assert.equal(s3.uploads.size, 0);
      });
    }

    it("even without permission to check first", async () => {
      await upload({});
      s3.script = (call) => (call.operation === "HeadObject" ? call.refuse(403, "AccessDenied") : call.proceed());
      assert.equal((await failure({ ifExists: "refuse" })).code, "S3_OBJECT_EXISTS");
    });

    it("but accepts its own object after a lost response", async () => {
      s3.script = (call) => {
        if (call.operation === "PutObject" && call.count === 1) {
          // The object is stored and the response is lost: the SDK sends it again, and gets the error that the key exists.
          s3.objects.set(call.key, { bytes: call.body, etag: "ours", headers: call.headers });
          call.message.socket.destroy();
        } else if (call.operation === "HeadObject" && s3.objects.has(call.key)) {
          call.response.setHeader(
            "x-amz-checksum-crc32",
            String(s3.called("PutObject")[0]?.headers["x-amz-checksum-crc32"]),
          );
          call.proceed();
        } else {
          call.proceed();
        }
      };
      const uploaded = await upload({ ifExists: "refuse" });
      assert.equal(uploaded.etag, "ours");
      assert.equal(s3.called("PutObject").length, 2);
    });
  });

  it("retries after a conflicting write", async () => {
    s3.script = (call) =>
      call.operation === "PutObject" && call.count < 3
        ? call.refuse(409, "ConditionalRequestConflict")
        : call.proceed();
    await upload({ ifExists: "refuse" });
    assert.equal(s3.called("PutObject").length, 3);
  });

  describe("fails with the source", () => {
    const cases: Array<[string, string, () => Promise<UploadObjectOptions["source"]>]> = [
      ["a file that does not exist", "SOURCE_NOT_FOUND", async () => ({ path: join(folder, "nothing.mp4") })],
      ["a path through a file", "SOURCE_NOT_FOUND", async () => ({ path: join(await file(SMALL), "clip.mp4") })],
      ["a folder", "SOURCE_UNREADABLE", async () => ({ path: folder })],
      ["a device", "SOURCE_UNREADABLE", async () => ({ path: "/dev/zero" })],
      ["an empty file", "SOURCE_EMPTY", async () => ({ path: await file(Buffer.alloc(0)) })],
      ["an empty buffer", "SOURCE_EMPTY", async () => ({ buffer: Buffer.alloc(0), name: "clip.mp4" })],
      ["a URL that is none", "SOURCE_URL_INVALID", async () => ({ url: "clip.mp4" })],
      ["a URL that is not http", "SOURCE_URL_INVALID", async () => ({ url: "ftp://127.0.0.1/clip.mp4" })],
    ];
    for (const [name, code, source] of cases) {
      it(`${name}: ${code}, without a request to S3`, async () => {
        assert.equal((await failure({ source: await source() })).code, code);
        assert.deepEqual(s3.operations(), []);
      });
    }

    it("a file without permission to read: SOURCE_UNREADABLE", async function () {
      if (process.getuid?.() === 0) {
        this.skip(); // root may read everything
      }
      const path = await file(SMALL);
      await chmod(path, 0o000);
      assert.equal((await failure({ source: { path } })).code, "SOURCE_UNREADABLE");
    });

    for (const [name, bytes, answer] of [
      ["that ends early in its only part", SMALL, 100_000],
      ["that ends early within its last part", LARGE, 11 * MIB],
      ["that ends early before its last part", LARGE, 2 * MIB],
    ] as const) {
      it(`a URL ${name}: SOURCE_INCOMPLETE, and no object`, async () => {
        server = await serve((request, response) => sendUntil(request, response, bytes, answer, {}));
        const error = await failure({ source: { url: server.url().href } });
        assert.equal(error.code, "SOURCE_INCOMPLETE");
        assert.equal(s3.objects.size, 0);
        assert.equal(s3.uploads.size, 0);
      });
    }

    for (const [name, change] of [
      ["shrinks", (path: string) => truncate(path, 6 * MIB)],
      ["grows", (path: string) => appendFile(path, "more")],
      ["is written to", (path: string) => writeFile(path, HUGE)],
      ["is replaced", async (path: string) => rename(await file(HUGE, "other.mp4"), path)],
      ["is removed", (path: string) => rm(path)],
    ] as const) {
      it(`a file that ${name} during the read: SOURCE_CHANGED, and no object`, async () => {
        const path = await file(HUGE);
        s3.script = (call) => {
          if (call.operation === "CreateMultipartUpload") {
            change(path).then(() => call.proceed());
          } else {
            call.proceed();
          }
        };
        const error = await failure({ source: { path } });
        assert.equal(error.code, "SOURCE_CHANGED");
        assert.equal(s3.called("CreateMultipartUpload").length, 1);
        assert.equal(s3.objects.size, 0);
        assert.equal(s3.uploads.size, 0);
      });
    }
  });

  describe("fails with S3's reason", () => {
    for (const [operation, status, code, expected] of [
      ["PutObject", 404, "NoSuchBucket", "S3_BUCKET_NOT_FOUND"],
      ["PutObject", 301, "PermanentRedirect", "S3_BUCKET_WRONG_REGION"],
      ["PutObject", 403, "AccessDenied", "S3_ACCESS_DENIED"],
      ["PutObject", 403, "InvalidAccessKeyId", "AWS_CREDENTIALS_INVALID"],
      ["PutObject", 400, "BadDigest", "S3_CHECKSUM_MISMATCH"],
      ["PutObject", 400, "KMS.NotFoundException", "S3_UPLOAD_FAILED"],
      ["PutObject", 400, "InvalidStorageClass", "AWS_REQUEST_REFUSED"],
      ["CreateMultipartUpload", 404, "NoSuchBucket", "S3_BUCKET_NOT_FOUND"],
      ["CreateMultipartUpload", 403, "AccessDenied", "S3_ACCESS_DENIED"],
      ["UploadPart", 400, "BadDigest", "S3_CHECKSUM_MISMATCH"],
      ["UploadPart", 403, "ExpiredToken", "AWS_CREDENTIALS_EXPIRED"],
      ["UploadPart", 404, "NoSuchUpload", "S3_UPLOAD_FAILED"],
      ["CompleteMultipartUpload", 409, "ConditionalRequestConflict", "S3_UPLOAD_FAILED"],
      ["CompleteMultipartUpload", 400, "InvalidPart", "S3_CHECKSUM_MISMATCH"],
      ["CompleteMultipartUpload", 400, "InvalidRequest", "AWS_REQUEST_REFUSED"],
    ] as const) {
      it(`${code} on ${operation}: ${expected}, and nothing is left`, async () => {
        s3.script = (call) => (call.operation === operation ? call.refuse(status, code) : call.proceed());
        const bytes = operation === "PutObject" ? SMALL : LARGE;
        const error = await failure({ source: { buffer: bytes, name: "clip.mp4" } });
        assert.equal(error.code, expected);
        assert.match(error.message, /s3:\/\/videos\/in\/clip\.mp4/);
        assert.equal(s3.objects.size, 0);
        assert.equal(s3.uploads.size, 0);
      });
    }

    it("stops reading a source as soon as one part has failed", async () => {
      server = await serve((_request, response) => {
        // Endless: only a reader that stops ends it.
        const more = (): void => {
          if (!response.destroyed) {
            response.write(LARGE.subarray(0, MIB), () => setImmediate(more));
          }
        };
        more();
      });
      s3.script = (call) => (call.operation === "UploadPart" ? call.refuse(403, "AccessDenied") : call.proceed());
      const error = await failure({ source: { url: server.url().href } });
      assert.equal(error.code, "S3_ACCESS_DENIED");
      assert.equal(s3.uploads.size, 0);
      assert.ok(s3.called("UploadPart").length <= 5);
    });

    it("reports that a stored object differs from the sent bytes", async () => {
      s3.script = (call) => {
        call.proceed();
        if (call.operation === "PutObject") {
          s3.objects.set(call.key, { bytes: Buffer.from("x"), etag: "other", headers: {} });
        }
      };
      assert.equal((await failure({})).code, "S3_CHECKSUM_MISMATCH");
    });

    it("accepts another ETag than the store has confirmed, if the object has its own marker", async () => {
      for (const [marker, etag] of [
        ["a-marker", "of the parts"],
        [undefined, 'W/"weak"'],
      ] as const) {
        s3.script = (call) => {
          const stored = s3.objects.get(call.key);
          if (call.operation !== "HeadObject" || stored === undefined) {
            call.proceed();
            return;
          }
          const shown = marker === undefined ? `W/"${stored.etag}"` : `"${etag}"`;
          const metadata = marker === undefined ? {} : { "x-amz-meta-lightly-upload-marker": marker };
          call.response.writeHead(200, { "content-length": stored.bytes.length, etag: shown, ...metadata }).end();
        };
        assert.equal((await upload({ ...(marker && { marker }) })).bytes, SMALL.length);
      }
    });

    it("does not need permission to read the stored object", async () => {
      s3.script = (call) => (call.operation === "HeadObject" ? call.refuse(403, "Forbidden") : call.proceed());
      assert.equal((await upload({})).bytes, SMALL.length);
    });
  });

  describe("leaves nothing behind", () => {
    const reason = new Error("another step failed");

    /** Aborts the upload at the request number `count` of `operation`, which gets no response. */
    function hangAt(abort: AbortController, operation: string, count = 1): (call: Call) => void {
      return (call) => {
        if (call.operation === operation && call.count >= count) {
          abort.abort(reason);
        } else {
          call.proceed();
        }
      };
    }

    for (const [operation, count] of [
      ["UploadPart", 1],
      ["UploadPart", 3],
      ["CompleteMultipartUpload", 1],
    ] as const) {
      it(`when it is aborted during ${operation} number ${count}`, async () => {
        const abort = new AbortController();
        s3.script = hangAt(abort, operation, count);
        const error = await failure({ source: { buffer: LARGE, name: "clip.mp4" }, signal: abort.signal });
        assert.equal(error.code, "ABORTED");
        assert.match(error.message, /another step failed/);
        assert.equal(s3.called("CreateMultipartUpload").length, 1);
        assert.equal(s3.uploads.size, 0);
        assert.equal(s3.operations().at(-1), "ListParts");
      });
    }

    it("when it is aborted while S3 creates the upload's id", async () => {
      const abort = new AbortController();
      s3.script = (call) => {
        if (call.operation === "CreateMultipartUpload") {
          abort.abort(reason);
          setImmediate(() => call.proceed());
        } else {
          call.proceed();
        }
      };
      const error = await failure({ source: { buffer: LARGE, name: "clip.mp4" }, signal: abort.signal });
      assert.equal(error.code, "ABORTED");
      assert.deepEqual(s3.operations(), ["CreateMultipartUpload", "AbortMultipartUpload", "ListParts"]);
      assert.equal(s3.uploads.size, 0);
    });

    it("when it is aborted while its source is silent", async () => {
      const abort = new AbortController();
      server = await serve((_request, response) => {
        response.writeHead(200, { "content-length": LARGE.length });
        response.write(LARGE.subarray(0, 6 * MIB));
      });
      s3.script = (call) => {
        call.proceed();
        if (call.operation === "UploadPart") {
          setImmediate(() => abort.abort(reason));
        }
      };
      const error = await failure({ source: { url: server.url().href }, signal: abort.signal });
      assert.equal(error.code, "ABORTED");
      assert.equal(s3.called("UploadPart").length, 1);
      assert.equal(s3.uploads.size, 0);
    });

    it("when parts arrive after the removal", async () => {
      const late = patterned(100);
      s3.script = (call) => {
        if (call.operation === "UploadPart") {
          call.refuse(403, "AccessDenied");
          return;
        }
        call.proceed();
        if (call.operation === "AbortMultipartUpload" && call.count < 3) {
          s3.uploads.set(String(call.query.get("uploadId")), new Map([[1, late]]));
        }
      };
      const error = await failure({ source: { buffer: LARGE, name: "clip.mp4" } });
      assert.equal(error.code, "S3_ACCESS_DENIED");
      assert.equal(s3.called("AbortMultipartUpload").length, 3);
      assert.equal(s3.uploads.size, 0);
    });

    it("or reports the parts that remain", async () => {
      s3.script = (call) =>
        call.operation === "UploadPart" || call.operation === "AbortMultipartUpload"
          ? call.refuse(403, "AccessDenied")
          : call.proceed();
      const error = await failure({ source: { buffer: LARGE, name: "clip.mp4" } });
      assert.equal(error.code, "S3_ACCESS_DENIED");
      assert.equal(error.details.leftUploadId, "upload-1");
      assert.match(error.message, /upload-1.*AbortMultipartUpload/);
      assert.ok(s3.called("AbortMultipartUpload").length <= 12);
    });

    it("and does not wait forever for a store that does not respond", async () => {
      const clock = manualClock(5000);
      s3.script = (call) => {
        if (call.operation === "UploadPart") {
          call.refuse(403, "AccessDenied");
        } else if (call.operation === "AbortMultipartUpload") {
          clock.advance(10_000); // and no answer
        } else {
          call.proceed();
        }
      };
      const error = await failure({ source: { buffer: LARGE, name: "clip.mp4" }, clock });
      assert.equal(error.code, "S3_ACCESS_DENIED");
      assert.equal(error.details.leftUploadId, "upload-1");
    });

    it("when it is aborted before it starts", async () => {
      const error = await failure({ signal: AbortSignal.abort(reason) });
      assert.equal(error.code, "ABORTED");
      assert.deepEqual(s3.operations(), []);
    });
  });

  it("refuses an invalid bucket, key, metadata or tags without a request", async () => {
    assert.equal((await failure({ bucket: "my videos" })).code, "S3_NAME_INVALID");
    assert.equal((await failure({ key: "../clip.mp4" })).code, "S3_NAME_INVALID");
    assert.equal((await failure({ metadata: { page: "x".repeat(3000) } })).code, "INPUT_INVALID");
    assert.equal((await failure({ tags: { "": "x" } })).code, "INPUT_INVALID");
    assert.deepEqual(s3.operations(), []);
  });
});
