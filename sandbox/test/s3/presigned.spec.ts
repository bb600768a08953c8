import assert from "node:assert/strict";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { presignUrl } from "../../src/aws/presign-url.ts";
import { CREDENTIALS, REGION, type RunningAws, startAws } from "../aws/aws-server.ts";

const Bucket = "presigned";
const Key = "a folder/ü & +.txt";

describe("sandbox s3: presigned URLs", () => {
  let aws: RunningAws;
  let s3: S3Client;
  before(async () => {
    aws = await startAws();
    s3 = aws.s3();
    await aws.storage.createBucket(Bucket);
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: "hello", ContentType: "text/plain" }));
  });
  after(() => aws.close());

  const fetchText = async (url: string, init?: RequestInit) => {
    const response = await fetch(url, init);
    const body = await response.text();
    return { status: response.status, code: /<Code>(.*?)</.exec(body)?.[1], body, headers: response.headers };
  };
  const own = (more: object = {}) =>
    presignUrl({
      credentials: CREDENTIALS,
      region: REGION,
      endpoint: aws.endpoint,
      method: "GET",
      bucket: Bucket,
      key: Key,
      expiresSeconds: 60,
      ...more,
    });

  it("allow reads, created by the SDK or by the sandbox", async () => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    assert.equal((await fetchText(url)).body, "hello");
    assert.equal((await fetchText(own())).body, "hello");
    assert.equal((await fetchText(own(), { headers: { range: "bytes=1-2" } })).body, "el");
  });

  it("set response headers", async () => {
    const command = new GetObjectCommand({
      Bucket,
      Key,
      ResponseContentType: "application/octet-stream",
      ResponseContentDisposition: 'attachment; filename="x y.txt"',
      ResponseCacheControl: "no-store",
    });
    const { headers } = await fetchText(await getSignedUrl(s3, command));
    assert.equal(headers.get("content-type"), "application/octet-stream");
    assert.equal(headers.get("content-disposition"), 'attachment; filename="x y.txt"');
    assert.equal(headers.get("cache-control"), "no-store");
  });

  it("are refused with an invalid response header", async () => {
    for (const ResponseContentDisposition of ["a\r\nset-cookie: x=1", "日本"]) {
      const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key, ResponseContentDisposition }));
      const { status, code } = await fetchText(url);
      assert.deepEqual([status, code], [400, "InvalidArgument"]);
    }
    assert.deepEqual(aws.log, []);
  });

  it("allow writes, with any checksum of an empty body in the URL", async () => {
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "put", Metadata: { a: "b" } }));
    assert.match(url, /x-amz-checksum-crc32=AAAAAA/);
    assert.equal((await fetchText(url, { method: "PUT", body: "uploaded" })).status, 200);
    const head = await aws.storage.head(Bucket, "put");
    assert.deepEqual([head?.bytes, head?.metadata], [8, { a: "b" }]);
    assert.equal((await fetchText(own({ method: "PUT", key: "own" }), { method: "PUT", body: "abc" })).status, 200);
    assert.equal((await aws.storage.head(Bucket, "own"))?.bytes, 3);
  });

  it("are refused after a change of key, method or lifetime", async () => {
    const url = own();
    for (const changed of [
      url.replace("txt", "tx"),
      url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"),
      url.replace(/Signature=./, (text) => (text.endsWith("0") ? "Signature=1" : "Signature=0")),
      `${url}&response-content-type=text%2Fhtml`,
    ]) {
      const { status, code } = await fetchText(changed);
      assert.deepEqual([status, code], [403, "SignatureDoesNotMatch"], changed);
    }
    assert.equal((await fetchText(url, { method: "PUT", body: "x" })).code, "SignatureDoesNotMatch");
    const added = await fetchText(own({ method: "PUT", key: "k" }), {
      method: "PUT",
      body: "x",
      headers: { "x-amz-meta-a": "b" },
    });
    assert.deepEqual([added.status, added.code], [403, "AccessDenied"]);
  });

  it("are refused if they have expired, have a too long lifetime, or belong to another key pair", async () => {
    const expired = await fetchText(own({ now: new Date(Date.now() - 61_000) }));
    assert.deepEqual([expired.status, expired.code], [403, "AccessDenied"]);
    assert.match(expired.body, /Request has expired/);
    assert.equal((await fetchText(own({ now: new Date(Date.now() - 59_000) }))).status, 200);
    const long = await fetchText(own({ expiresSeconds: 604_801 }));
    assert.deepEqual([long.status, long.code], [400, "AuthorizationQueryParametersError"]);
    assert.equal((await fetchText(own({ now: new Date(Date.now() + 3_600_000) }))).code, "RequestTimeTooSkewed");
    const other = { accessKeyId: "AKIAOTHER", secretAccessKey: "x" };
    assert.equal((await fetchText(own({ credentials: other }))).code, "InvalidAccessKeyId");
  });
});
