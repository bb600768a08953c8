import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { type UploadObjectOptions, uploadObject } from "../../../../src/services/s3/upload/upload-object.ts";
import { patterned } from "../../http/file-server.ts";
import { type Refusal, S3Stub } from "../s3-stub.ts";
import { uploadToStub } from "../upload/upload-to-stub.ts";

const SMALL = patterned(1000);
/** Two parts. */
const LARGE = patterned(6 * 1024 * 1024);
const GENERIC = "A header you provided implies functionality that is not implemented";

/** Everything that a store may lack, at once. */
const ALL: Partial<UploadObjectOptions> = {
  ifExists: "refuse",
  tags: { a: "b" },
  storageClass: "STANDARD_IA",
  encryption: { algorithm: "aws:kms" },
  acl: "bucket-owner-full-control",
};

describe("a store that lacks something", () => {
  let s3: S3Stub;

  async function listen(config: S3ClientConfig = {}): Promise<void> {
    s3 = new S3Stub();
    await s3.listen(config);
  }
  afterEach(() => s3.close());

  /** The error of an upload to a store that refuses the request with a body like this. */
  async function refusal(
    [status, code, more]: readonly [number, string, Refusal?],
    request: Partial<UploadObjectOptions> = ALL,
    operations = /^(?:PutObject|CreateMultipartUpload)$/,
  ): Promise<PipelineError> {
    s3.script = (call) => (operations.test(call.operation) ? call.refuse(status, code, more) : call.proceed());
    const outcome = await uploadToStub(s3, SMALL, { key: "in/clip.mp4", ...request }).catch((error: unknown) => error);
    ok(outcome instanceof PipelineError, `expected a PipelineError, got ${JSON.stringify(outcome)}`);
    return outcome;
  }

  const SWITCHES: Readonly<Record<string, RegExp>> = {
    checksums: /"when required" for "Checksums" in the AWS account/,
    condition: /"fail, if found before the upload" for "If key exists"/,
    tags: /remove the "Tags"/,
    storageClass: /bucket default for "Storage class"/,
    encryption: /bucket default for "Encryption"/,
    acl: /"none" for "Canned ACL"/,
  };

  for (const [store, answer, feature] of [
    [
      "S3 itself and Ceph",
      [501, "NotImplemented", { message: GENERIC, elements: { Header: "If-None-Match" } }],
      "condition",
    ],
    [
      "Versity",
      [
        501,
        "NotImplemented",
        {
          message: GENERIC,
          elements: { additionalMessage: "We don't accept the provided value of If-None-Match header for this API" },
        },
      ],
      "condition",
    ],
    [
      "Cloudflare R2",
      [501, "NotImplemented", { message: "Header 'x-amz-checksum-crc32' with value '8FJbTw==' not implemented" }],
      "checksums",
    ],
    [
      "R2 with tags",
      [501, "NotImplemented", { message: "Header 'x-amz-tagging' with value 'a=b' not implemented" }],
      "tags",
    ],
    [
      "R2 with an ACL",
      [501, "NotImplemented", { message: "Header 'x-amz-acl' with value 'bucket-owner-full-control' not implemented" }],
      "acl",
    ],
    [
      "Backblaze B2",
      [400, "InvalidArgument", { message: "Unsupported header 'x-amz-checksum-crc32' received for this API call." }],
      "checksums",
    ],
    [
      "B2 with tags",
      [400, "InvalidArgument", { message: "Unsupported header 'x-amz-tagging' received for this API call." }],
      "tags",
    ],
    [
      "B2 with an ACL",
      [400, "InvalidArgument", { message: "Unsupported value for canned acl 'bucket-owner-full-control'" }],
      "acl",
    ],
    [
      "MinIO without a key server",
      [501, "NotImplemented", { message: "Server side encryption specified but KMS is not configured" }],
      "encryption",
    ],
    ["StorageGRID", [501, "XNotImplemented", { message: "The storage class is not implemented." }], "storageClass"],
    [
      "Google Cloud Storage",
      [
        400,
        "ExcessHeaderValues",
        { message: "Multiple HTTP header values where one was expected: x-amz-checksum-crc32" },
      ],
      "checksums",
    ],
    [
      "a bucket without ACLs",
      [400, "AccessControlListNotSupported", { message: "The bucket does not allow ACLs" }],
      "acl",
    ],
    ["Oracle Cloud", [501, "NotImplemented", { message: "AWS chunked encoding not supported." }], "checksums"],
    [
      "Google Cloud Storage with an ACL",
      [
        400,
        "InvalidArgument",
        { message: "Cannot insert legacy ACL for an object when uniform bucket-level access is enabled." },
      ],
      "acl",
    ],
    [
      "a store that names the header as an argument",
      [400, "InvalidArgument", { message: "Invalid Argument", elements: { ArgumentName: "x-amz-storage-class" } }],
      "storageClass",
    ],
    [
      "a store that names the checksum alone",
      [501, "NotImplemented", { message: "Checksum algorithms are not implemented." }],
      "checksums",
    ],
  ] as const) {
    it(`${store}: names it, and the field that does without it`, async () => {
      await listen();
      const error = await refusal(answer);
      equal(error.code, "S3_FEATURE_UNSUPPORTED");
      equal(error.retryable, false);
      for (const [name, pattern] of Object.entries(SWITCHES)) {
        (name === feature ? match : doesNotMatch)(error.message, pattern);
      }
      ok(error.message.includes(`"${answer[2].message.replace(/\.$/, "")}`), error.message);
      equal(s3.called("PutObject").length, 1);
    });
  }

  it("and does not say what: names what the request has used", async () => {
    await listen();
    const error = await refusal([501, "NotImplemented", { message: GENERIC }], {
      ifExists: "refuse",
      tags: { a: "b" },
    });
    equal(error.code, "S3_FEATURE_UNSUPPORTED");
    for (const [name, pattern] of Object.entries(SWITCHES)) {
      (["checksums", "condition", "tags"].includes(name) ? match : doesNotMatch)(error.message, pattern);
    }
  });

  it("of which the request uses nothing: says so of the request", async () => {
    await listen({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const error = await refusal([501, "NotImplemented", { message: GENERIC }], {
      source: { buffer: LARGE, name: "clip.mp4" },
    });
    equal(error.code, "S3_FEATURE_UNSUPPORTED");
    match(error.message, /does not implement this request/);
  });

  it("answers 501 with a page: that is no failure that passes either", async () => {
    await listen();
    s3.script = (call) => call.page(501, "<html><body><h1>501 Not Implemented</h1></body></html>");
    const error = await refusal([501, ""]).catch((thrown: unknown) => thrown);
    ok(error instanceof PipelineError);
    deepEqual([error.code, error.retryable], ["S3_FEATURE_UNSUPPORTED", false]);
  });

  it("gets no request for checksums, sizes and their modes from an account that sends them only when required", async () => {
    await listen({ requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" });
    for (const bytes of [SMALL, LARGE]) {
      await uploadObject({
        s3: s3.client,
        bucket: "videos",
        key: `in/${bytes.length}.mp4`,
        source: { buffer: bytes, name: "clip.mp4" },
        ifExists: "check",
        partSizeBytes: 5 * 1024 * 1024,
        signal: new AbortController().signal,
      });
    }
    const sent = s3.calls.flatMap(({ headers }) => Object.keys(headers));
    deepEqual(
      sent.filter((name) => /checksum|trailer|mp-object-size|if-none-match/.test(name)),
      [],
    );
    equal(s3.objects.size, 2);
  });

  for (const [what, answer, operation] of [
    [
      "XAmzContentSHA256Mismatch",
      [
        400,
        "XAmzContentSHA256Mismatch",
        { message: "The provided 'x-amz-content-sha256' header does not match what was computed." },
      ],
      /^PutObject$/,
    ],
    [
      "MissingContentLength",
      [411, "MissingContentLength", { message: "You must provide the Content-Length HTTP header." }],
      /^PutObject$/,
    ],
    ["InvalidRequest", [400, "InvalidRequest", { message: "Bad value." }], /^PutObject$/],
    [
      "MalformedXML for the list of parts",
      [400, "MalformedXML", { message: "The XML you provided was not well-formed." }],
      /^CompleteMultipartUpload$/,
    ],
    [
      "SignatureDoesNotMatch",
      [403, "SignatureDoesNotMatch", { message: "The request signature we calculated does not match." }],
      /^PutObject$/,
    ],
  ] as const) {
    it(`that stumbles over checksums with ${what}: says what to try`, async () => {
      await listen();
      const buffer = operation.source.includes("Complete") ? LARGE : SMALL;
      const request = { source: { buffer, name: "clip.mp4" } };
      match((await refusal(answer, request, operation)).message, SWITCHES.checksums as RegExp);
      await s3.close();
      await listen({ requestChecksumCalculation: "WHEN_REQUIRED" });
      doesNotMatch((await refusal(answer, request, operation)).message, SWITCHES.checksums as RegExp);
    });
  }

  it("that has another reason for such a code: does not get advice about checksums", async () => {
    await listen();
    for (const message of [
      "S3 API Requests must be made to API port.",
      "Invalid KMS ARN",
      "Bucket is missing Object Lock Configuration",
    ]) {
      const error = await refusal([400, "InvalidArgument", { message }]);
      doesNotMatch(error.message, /checksums/i);
      ok(error.message.endsWith(message.endsWith(".") ? message : `${message}.`), error.message);
    }
  });

  it("whose bucket requires checksums because of Object Lock: says how to send them", async () => {
    await listen({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const message =
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters";
    match(
      (await refusal([400, "InvalidRequest", { message }])).message,
      /with Object Lock parameters\. If "Checksums" in the AWS account is "when required", choose "when supported"\.$/,
    );
  });

  it("that does not know the region of the account: the error says so, with the store's own regions", async () => {
    await listen();
    const message = "The region name 'eu-central-1' is not valid. Must be one of: wnam, enam, weur, eeur, apac, auto";
    const error = await refusal([400, "InvalidRegionName", { message }]);
    equal(error.code, "S3_BUCKET_WRONG_REGION");
    match(error.message, /does not know the region of the account.*wnam, enam/);
  });

  it("that requires the length of each request: receives it", async () => {
    await listen();
    await refusal(
      [400, "InvalidRequest"],
      { source: { buffer: LARGE, name: "clip.mp4" } },
      /^CompleteMultipartUpload$/,
    );
    const sent = s3.calls.filter(({ message }) => message.method !== "HEAD" && message.method !== "GET");
    ok(sent.length > 3);
    deepEqual(
      sent.filter(({ headers }) => headers["transfer-encoding"] !== undefined).map(({ operation }) => operation),
      [],
    );
  });

  it("that treats the checksums of parts as a condition: the error does not say that the object exists", async () => {
    await listen();
    const error = await refusal(
      [412, "PreconditionFailed", { message: "At least one of the pre-conditions you specified did not hold." }],
      { source: { buffer: LARGE, name: "clip.mp4" } },
      /^UploadPart$/,
    );
    equal(error.code, "S3_FEATURE_UNSUPPORTED");
    match(error.message, SWITCHES.checksums as RegExp);
  });

  describe("without conditional writes", () => {
    it("is looked at before the upload", async () => {
      await listen();
      s3.objects.set("in/clip.mp4", { bytes: SMALL, etag: "1", headers: {} });
      const error = await refusal([501, "NotImplemented"], { ifExists: "check" });
      equal(error.code, "S3_OBJECT_EXISTS");
      deepEqual(s3.operations(), ["HeadObject"]);
    });

    it("is not written to if it refuses the look", async () => {
      await listen();
      const error = await refusal([403, "AccessDenied"], { ifExists: "check" }, /^HeadObject$/);
      equal(error.code, "S3_ACCESS_DENIED");
      match(error.message, /s3:GetObject.*s3:ListBucket on arn:aws:s3:::videos/);
      deepEqual(s3.operations(), ["HeadObject"]);
    });
  });
});
