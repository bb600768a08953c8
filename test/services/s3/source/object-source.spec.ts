import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { payingClient } from "../../../../src/services/s3/client/requester-pays.ts";
import { objectUrl } from "../../../../src/services/s3/source/object-source.ts";
import { until } from "../../../nodes/support/until.ts";
import { type S3Stub, useS3Stub } from "../s3-stub.ts";

const REGION = "us-west-2";
const KEY = "raw/a b.mp4";

describe("the URL of an object to upload", () => {
  let s3: S3Stub;
  useS3Stub((stub) => {
    s3 = stub;
    s3.script = ({ response }) => void response.writeHead(206, { "content-length": 1 }).end("x");
  });
  const urlOf = async ({
    client = s3.client,
    key = KEY,
    versionId,
  }: {
    readonly client?: S3Stub["client"];
    readonly key?: string;
    readonly versionId?: string;
  } = {}): Promise<URL> =>
    new URL(
      await objectUrl(
        { s3: client, bucket: "videos", key, versionId },
        { lifetimeMs: 3_600_000, signal: new AbortController().signal },
      ),
    );

  it("is signed after its first byte was read", async () => {
    const url = await urlOf();
    deepEqual([url.pathname, url.searchParams.get("X-Amz-Expires")], ["/videos/raw/a%20b.mp4", "3600"]);
    deepEqual(
      s3.calls.map(({ operation, key, headers }) => [operation, key, headers.range]),
      [["GetObject", KEY, "bytes=0-0"]],
    );
  });

  it("is one of the region of the bucket", async () => {
    s3.script = ({ headers, response, refuse }) =>
      (headers.authorization ?? "").includes(`/${REGION}/`)
        ? response.writeHead(206, { "content-length": 1 }).end("x")
        : refuse(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": REGION } });
    match((await urlOf()).searchParams.get("X-Amz-Credential") ?? "", new RegExp(`/${REGION}/s3/aws4_request$`));
  });

  it("says that the requester pays, as the request before it does", async () => {
    equal((await urlOf({ client: payingClient(s3.client) })).searchParams.get("x-amz-request-payer"), "requester");
    equal(s3.calls[0]?.headers["x-amz-request-payer"], "requester");
    equal((await urlOf()).searchParams.has("x-amz-request-payer"), false);
  });

  it("is one of the version that is named, as the request before it", async () => {
    equal((await urlOf({ versionId: "v/1+a" })).searchParams.get("versionId"), "v/1+a");
    equal(s3.calls[0]?.query.get("versionId"), "v/1+a");
    equal((await urlOf()).searchParams.has("versionId"), false);
    equal(s3.calls[1]?.query.has("versionId"), false);
  });

  for (const [code, status, name, message, text] of [
    ["SOURCE_NOT_FOUND", 404, "NoSuchVersion", "The specified version does not exist.", /b\.mp4 has no version v1,/],
    ["SOURCE_NOT_FOUND", 400, "InvalidArgument", "Invalid version id specified", /b\.mp4 has no version v1,/],
    ["SOURCE_NOT_FOUND", 405, "MethodNotAllowed", "The specified method is not allowed.", /is a delete marker/],
    ["SOURCE_NOT_FOUND", 404, "NoSuchKey", "The specified key does not exist.", /b\.mp4 does not exist/],
    ["S3_ACCESS_DENIED", 403, "AccessDenied", "Access Denied", /s3:GetObjectVersion/],
  ] as const) {
    it(`is not signed for a version if S3 answers ${name} (${status})`, async () => {
      s3.script = ({ refuse }) => refuse(status, name, { message });
      await rejects(urlOf({ versionId: "v1" }), { code, message: text });
    });
  }

  it("does not read the whole object of a store that ignores ranges", async () => {
    let isClosed = false;
    s3.script = ({ response }) => {
      response.on("close", () => {
        isClosed = true;
      });
      response.writeHead(200, { "content-length": 2 ** 40 }).write(Buffer.alloc(1000));
    };
    await urlOf();
    await until(() => isClosed);
  });

  for (const [code, status, name, text] of [
    ["SOURCE_NOT_FOUND", 404, "NoSuchKey", /s3:\/\/videos\/raw\/a b\.mp4 does not exist/],
    ["SOURCE_EMPTY", 416, "InvalidRange", /s3:\/\/videos\/raw\/a b\.mp4 is empty/],
    ["S3_BUCKET_NOT_FOUND", 404, "NoSuchBucket", /bucket "videos" does not exist/],
    ["S3_ACCESS_DENIED", 403, "AccessDenied", /Allow s3:GetObject|access denied/],
    ["S3_OBJECT_ARCHIVED", 403, "InvalidObjectState", /Restore it/],
  ] as const) {
    it(`is not signed if S3 answers ${name}`, async () => {
      s3.script = ({ refuse }) => refuse(status, name);
      await rejects(urlOf(), { code, message: text });
    });
  }

  for (const key of ["a/../b.mp4", "./b.mp4", "a/.", ".."]) {
    it(`is not signed for the key ${key}, which a URL can't contain`, async () => {
      await rejects(urlOf({ key }), { code: "S3_NAME_INVALID", message: /a URL can't contain/ });
      deepEqual(s3.calls, []);
    });
  }
});
