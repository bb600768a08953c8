import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CopyObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { prepareS3Client } from "../../../../src/services/s3/client/prepare-client.ts";
import { mapS3Error } from "../../../../src/services/s3/errors/map-s3-error.ts";
import { type Call, type S3Stub, useS3Stub } from "../s3-stub.ts";

const CONTEXT = { action: "s3:PutObject", bucket: "videos", key: "in/clip.mp4" };
const PUT = { Bucket: "videos", Key: "in/clip.mp4", Body: Buffer.alloc(3 * 1024 * 1024) };

describe("what is in front of a store", () => {
  let s3: S3Stub;

  useS3Stub(
    (stub) => {
      s3 = stub;
    },
    { maxAttempts: 1 },
  );

  async function failure(script: (call: Call) => void): Promise<PipelineError> {
    s3.script = script;
    return await s3.client.send(new PutObjectCommand(PUT)).then(
      () => Promise.reject(new Error("the request succeeded")),
      (error: unknown) => mapS3Error(error, CONTEXT),
    );
  }

  /** The error of a client whose store is elsewhere. */
  async function failureOf(config: S3ClientConfig): Promise<PipelineError> {
    const client = prepareS3Client(
      new S3Client({
        region: "us-east-1",
        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
        maxAttempts: 1,
        ...config,
      }),
    );
    return await client.send(new PutObjectCommand(PUT)).then(
      () => Promise.reject(new Error("the request succeeded")),
      (error: unknown) => mapS3Error(error, CONTEXT),
    );
  }

  it("a bucket's host that does not exist: names it, and path-style addresses", async () => {
    const error = await failureOf({ endpoint: "http://store.invalid:9000" });
    deepEqual([error.code, error.retryable], ["AWS_UNREACHABLE", error.message.includes("EAI_AGAIN")]);
    match(error.message, /no host videos\.store\.invalid .*"Path-style addressing"/);
  });

  it("a store's own host that does not exist, and a host of AWS: do not name path-style addresses", async () => {
    const handler = {
      handle: async ({ hostname }: { readonly hostname: string }) => {
        throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND", hostname });
      },
    };
    const byPath = await failureOf({
      endpoint: "http://store.invalid:9000",
      forcePathStyle: true,
      requestHandler: handler,
    });
    const aws = await failureOf({ requestHandler: handler });
    for (const error of [byPath, aws]) {
      equal(error.code, "AWS_UNREACHABLE");
      doesNotMatch(error.message, /Path-style/);
    }
  });

  it("a certificate that is not for the bucket's host: names path-style addresses", async () => {
    const error = await failureOf({
      endpoint: "https://store.example.com",
      requestHandler: {
        handle: async () => {
          throw Object.assign(new Error("Hostname/IP does not match certificate's altnames"), {
            code: "ERR_TLS_CERT_ALTNAME_INVALID",
          });
        },
      },
    });
    equal(error.code, "AWS_UNREACHABLE");
    match(error.message, /certificate .* videos\.store\.example\.com .*"Path-style addressing"/);
  });

  for (const [name, message] of [
    ["SecondLevelDomainForbidden", "Please use virtual hosted style to access."],
    ["InvalidRequest", "Virtual host domain is required while accessing a specific bucket."],
  ] as const) {
    it(`a store that does not accept a bucket in the path (${name}): the error says to clear path-style addressing`, async () => {
      const error = await failure((call) => call.refuse(403, name, { message }));
      equal(error.code, "S3_FEATURE_UNSUPPORTED");
      match(error.message, /Clear "Path-style addressing"/);
    });
  }

  it("a gateway that limits the size of requests: says where to raise it", async () => {
    const error = await failure((call) =>
      call.page(
        413,
        "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>",
      ),
    );
    deepEqual([error.code, error.retryable], ["AWS_REQUEST_REFUSED", false]);
    match(error.message, /413 Request Entity Too Large.*nginx.*client_max_body_size/);
  });

  for (const [status, html, quoted, code, retryable] of [
    [
      403,
      "<html><head><title>Blocked</title><style>a{}</style></head><body>by the firewall</body></html>",
      "Blocked by the firewall",
      "AWS_REQUEST_REFUSED",
      false,
    ],
    [
      400,
      "Client sent an HTTP request to an HTTPS server.\n",
      "Client sent an HTTP request to an HTTPS server.",
      "AWS_REQUEST_REFUSED",
      false,
    ],
    [502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "502 Bad Gateway", "AWS_SERVICE_FAILED", true],
  ] as const) {
    it(`a page with ${status} is quoted`, async () => {
      const error = await failure((call) => call.page(status, html));
      deepEqual([error.code, error.retryable], [code, retryable]);
      match(error.message, new RegExp(`: "${quoted}"`));
    });
  }

  for (const [what, page] of [
    [
      "lines",
      (headers: IncomingHttpHeaders) =>
        `<br>${Object.entries(headers)
          .map((one) => one.join(": "))
          .join("<br>")}`,
    ],
    ["JSON", (headers: IncomingHttpHeaders) => JSON.stringify(headers, ["authorization", "x-amz-security-token"])],
    [
      "well-formed XML",
      (headers: IncomingHttpHeaders) =>
        `<html><body><p>${headers["x-amz-security-token"]} ${headers.authorization}</p></body></html>`,
    ],
  ] as const) {
    it(`a page that repeats the request as ${what} does not show what authorizes it`, async () => {
      const sessionToken = randomBytes(120).toString("base64");
      await s3.close();
      await s3.listen({
        maxAttempts: 1,
        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken },
      });
      const error = await failure((call) => call.page(403, page(call.headers)));
      equal(error.code, "AWS_REQUEST_REFUSED");
      doesNotMatch(error.message, /Signature=[0-9a-f]/);
      equal(error.message.includes(sessionToken.slice(0, 20)), false, error.message);
    });
  }

  for (const [status, name, message] of [
    [507, "XMinioStorageFull", "Storage backend has reached its minimum free drive threshold."],
    [403, "QuotaExceeded", "Quota of the user is used up."],
    [400, "XMinioAdminBucketQuotaExceeded", "Bucket quota exceeded"],
    [402, "PaymentRequired", "Pay your bill."],
  ] as const) {
    it(`a store that is full with ${name}: S3_QUOTA_EXCEEDED`, async () => {
      const error = await failure((call) => call.refuse(status, name, { message }));
      deepEqual([error.code, error.retryable], ["S3_QUOTA_EXCEEDED", false]);
      match(error.message, new RegExp(message));
    });
  }

  it("an object in an archive: says that it has to be restored", async () => {
    s3.script = (call) =>
      call.refuse(403, "InvalidObjectState", {
        message: "The operation is not valid for the object's storage class",
        elements: { StorageClass: "GLACIER" },
      });
    const copy = new CopyObjectCommand({ Bucket: "videos", Key: "b", CopySource: "videos/a" });
    const error = await s3.client.send(copy).catch((thrown: unknown) => mapS3Error(thrown, CONTEXT));
    equal((error as PipelineError).code, "S3_OBJECT_ARCHIVED");
    match((error as PipelineError).message, /archived \(GLACIER\).*restore-object/);
  });
});
