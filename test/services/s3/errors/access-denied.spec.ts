import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { prepareS3Client } from "../../../../src/services/s3/client/prepare-client.ts";
import { listBuckets } from "../../../../src/services/s3/listing/list-buckets.ts";
import { listPrefixes } from "../../../../src/services/s3/listing/list-prefixes.ts";
import { headObject } from "../../../../src/services/s3/object/check-object.ts";
import { uploadObject } from "../../../../src/services/s3/upload/upload-object.ts";
import { type S3Stub, useS3Stub } from "../s3-stub.ts";

const USER = "arn:aws:iam::123456789012:user/pipeline";
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OBJECT = "arn:aws:s3:::videos/raw/1a2b3c4d5e6f/clip.mp4";
const denied = (action: string, on: string, why: string) =>
  `User: ${USER} is not authorized to perform: ${action} on resource: "${on}" ${why}`;

describe("a response 403 of S3", () => {
  let s3: S3Stub;
  const signal = new AbortController().signal;

  useS3Stub((stub) => {
    s3 = stub;
  });

  async function failureOf(work: Promise<unknown>): Promise<PipelineError> {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    ok(error instanceof PipelineError);
    return error;
  }

  /** The error of an upload that S3 refuses with a message. */
  function refused(message: string, code = "AccessDenied", status = 403): Promise<PipelineError> {
    s3.script = (call) => (call.operation === "PutObject" ? call.refuse(status, code, { message }) : call.proceed());
    return failureOf(
      uploadObject({
        s3: s3.client,
        bucket: "videos",
        key: "raw/1a2b3c4d5e6f/clip.mp4",
        folder: "raw",
        source: { buffer: randomBytes(10), name: "clip.mp4" },
        ifExists: "overwrite",
        signal,
      }),
    );
  }

  for (const [action, on, why, advice] of [
    [
      "s3:PutObject",
      OBJECT,
      "because no identity-based policy allows the s3:PutObject action",
      /Allow s3:PutObject on arn:aws:s3:::videos\/raw\/\* in the IAM policy of these credentials/,
    ],
    [
      "s3:PutObject",
      OBJECT,
      "because no resource-based policy allows the s3:PutObject action",
      /Allow s3:PutObject on arn:aws:s3:::videos\/raw\/\* in the policy of the resource itself/,
    ],
    [
      "s3:PutObject",
      OBJECT,
      "because no VPC endpoint policy allows the s3:PutObject action",
      /in the policy of the VPC endpoint/,
    ],
    ["s3:PutObject", OBJECT, "because no session policy allows the s3:PutObject action", /in the session policy/],
    [
      "s3:PutObject",
      OBJECT,
      "because no permissions boundary allows the s3:PutObject action",
      /in the permissions boundary/,
    ],
    [
      "s3:PutObject",
      OBJECT,
      "because no service control policy allows the s3:PutObject action",
      /in the service control policies .*administrator/,
    ],
    [
      "s3:PutObject",
      OBJECT,
      "with an explicit deny in a service control policy",
      /An explicit deny overrides every allow: change the service control policies/,
    ],
    [
      "s3:PutObject",
      OBJECT,
      "with an explicit deny in a resource control policy",
      /change the resource control policies/,
    ],
    [
      "s3:PutObject",
      OBJECT,
      "with an explicit deny in an identity-based policy",
      /change the IAM policy of these credentials/,
    ],
    ["s3:PutObject", OBJECT, "with an explicit deny in a VPC endpoint policy", /change the policy of the VPC endpoint/],
    ["s3:PutObject", OBJECT, "with an explicit deny", /change the policy that contains it/],
    [
      "s3:PutObjectTagging",
      OBJECT,
      "because no identity-based policy allows the s3:PutObjectTagging action",
      /Allow s3:PutObjectTagging on /,
    ],
    [
      "kms:GenerateDataKey",
      KEY,
      "because no resource-based policy allows the kms:GenerateDataKey action",
      new RegExp(`Allow kms:GenerateDataKey on ${KEY} in the policy of the resource itself`),
    ],
    [
      "kms:Decrypt",
      KEY,
      "with an explicit deny in a resource-based policy",
      /change the policy of the resource itself/,
    ],
  ] as const) {
    it(`quotes AWS, and says where to change it: ${action} ${why}`, async () => {
      const message = denied(action, on, why);
      const error = await refused(message);
      equal(error.code, "S3_ACCESS_DENIED");
      ok(error.message.includes(`S3 responded: "${message}"`), error.message);
      match(error.message, advice);
      doesNotMatch(error.message.replace(message, ""), /1a2b3c4d5e6f\/clip\.mp4 /);
    });
  }

  it("without details advises what to allow, on all objects of the step, once", async () => {
    for (const message of ["Access Denied", "AccessDenied.", ""]) {
      const error = await refused(message);
      equal(error.code, "S3_ACCESS_DENIED");
      match(error.message, /Allow s3:PutObject on arn:aws:s3:::videos\/raw\/\* in their IAM policy/);
      doesNotMatch(error.message, /answered/);
      equal(error.message.split("1a2b3c4d5e6f").length, 2, "the key is named once");
      equal(error.message.split("Allow ").length, 2, "the advice is given once");
    }
  });

  for (const reason of [
    "Access Denied because object protected by object lock.",
    "Request rate limit exceeded.",
    `User: ${USER} is not authorized to perform: s3:PutObjectAcl on resource: "${OBJECT}" because public access control lists (ACLs) are prevented by the BlockPublicAcls setting in S3 Block Public Access.`,
  ]) {
    it(`with another reason quotes it, and gives no advice that does not fit: ${reason.slice(-60)}`, async () => {
      const error = await refused(reason);
      equal(error.code, "S3_ACCESS_DENIED");
      ok(error.message.includes(reason.replace(/\.$/, "")), error.message);
      doesNotMatch(error.message, /Allow /);
    });
  }

  it("with a code of the store's own shows the code, even without a message", async () => {
    match((await refused("", "UserSuspended")).message, /access denied \(UserSuspended\)\.$/);
    match((await refused("Your account is not signed up", "NotSignedUp")).message, /\(NotSignedUp\)\. S3 responded: /);
  });

  it("quotes the reason that Google Cloud Storage gives outside of the message", async () => {
    const Details = "Permission 'storage.objects.create' denied on resource (or it may not exist).";
    s3.script = (call) => call.refuse(403, "AccessDenied", { message: "Access denied.", elements: { Details } });
    const bucket = { s3: s3.client, bucket: "videos", signal };
    match((await failureOf(listPrefixes(bucket))).message, /Permission 'storage\.objects\.create' denied/);
  });

  it("for a key of another region or account names the policy of the key", async () => {
    const error = await refused(
      `User: ${USER} is not authorized to perform: kms:GenerateDataKey on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    );
    match(error.message, /Allow kms:GenerateDataKey on the resource in the policy of the resource itself/);
  });

  it("names ARNs of the partition of the bucket", async () => {
    const message = denied("s3:PutObject", OBJECT, "because no identity-based policy allows the s3:PutObject action");
    const error = await refused(message.replaceAll("arn:aws:", "arn:aws-cn:"));
    match(error.message, /Allow s3:PutObject on arn:aws-cn:s3:::videos\/raw\/\* /);
    for (const [region, partition] of [
      ["cn-north-1", "aws-cn"],
      ["us-gov-west-1", "aws-us-gov"],
      ["eu-central-1", "aws"],
    ]) {
      const client = prepareS3Client(
        new S3Client({
          region: region ?? "",
          credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
          requestHandler: { handle: async () => ({ response: { statusCode: 403, headers: {}, body: Buffer.of() } }) },
        }),
      );
      const error = await failureOf(listPrefixes({ s3: client, bucket: "videos", signal }));
      match(error.message, new RegExp(`Allow s3:ListBucket on arn:${partition}:s3:::videos in`));
    }
  });

  for (const [code, status, message] of [
    [
      "AccessDenied",
      403,
      "Cannot upload files, storage cap exceeded. See the Caps & Alerts page to increase your cap.",
    ],
    ["TransactionCapExceeded", 403, "Transaction cap exceeded. See the Caps & Alerts page to increase your cap."],
    ["AccessDenied", 403, "Exceeded Usage Limit"],
    ["QuotaExceeded", 403, ""],
  ] as const) {
    it(`because of a quota is not a matter of permissions: ${code} ${message}`, async () => {
      const error = await refused(message, code, status);
      equal(error.code, "S3_QUOTA_EXCEEDED");
      ok(error.message.includes(message.replace(/\.$/, "")), error.message);
    });
  }

  for (const [code, status, message] of [
    ["InvalidArgument", 400, "Credential access key has length 20, should be 32"],
    ["Unauthorized", 401, "Unauthorized"],
    ["UnauthorizedAccess", 401, "not entitled"],
    ["InvalidSecurity", 403, "The provided security credentials are not valid."],
    ["InvalidTokenId", 403, "The security token included in the request is invalid"],
    ["SignatureDoesNotMatch", 403, "The region must be specified if this is not the home region for the tenancy."],
  ] as const) {
    it(`because of the keys is not a matter of permissions: ${status} ${code}`, async () => {
      const error = await refused(message, code, status);
      equal(error.code, "AWS_CREDENTIALS_INVALID");
      const isGeneral = code === "Unauthorized" || code === "InvalidTokenId";
      equal(error.message.includes(`"${message.replace(/\.$/, "")}"`), !isGeneral, error.message);
    });
  }

  it("with an encoded reason names the command that decodes it, and keeps the text", async () => {
    const encoded = randomBytes(600).toString("base64url");
    const error = await refused(`Access denied. Encoded authorization failure message: ${encoded}`);
    match(error.message, /decode-authorization-message/);
    doesNotMatch(error.message, new RegExp(encoded.slice(0, 40)));
    equal(error.details.encodedReason, encoded);
  });

  it("because of the clock is not a matter of permissions", async () => {
    const error = await refused(
      "The difference between the request time and the server's time is too large.",
      "RequestTimeTooSkewed",
    );
    deepEqual([error.code, /clock/.test(error.message)], ["AWS_CREDENTIALS_INVALID", true]);
  });

  it("to an access point names its ARN", async () => {
    s3.script = (call) => call.refuse(403, "AccessDenied", { message: "Access Denied" });
    const bucket = "videos-x7k2mqzr4w-s3alias";
    const error = await failureOf(
      uploadObject({
        s3: s3.client,
        bucket,
        key: "clip.mp4",
        source: { buffer: randomBytes(10), name: "clip.mp4" },
        ifExists: "overwrite",
        signal,
      }),
    );
    match(error.message, /on arn:aws:s3:::videos-x7k2mqzr4w-s3alias\/\*/);
  });

  it("to HEAD has no text: it names the actions that the look needs", async () => {
    s3.script = (call) => call.refuse(403, "AccessDenied");
    equal(await headObject({ s3: s3.client, bucket: "videos", key: "raw/a.mp4", signal }), undefined);
    const error = await failureOf(
      uploadObject({
        s3: s3.client,
        bucket: "videos",
        key: "raw/a.mp4",
        folder: "raw",
        source: { buffer: randomBytes(10), name: "clip.mp4" },
        ifExists: "check",
        signal,
      }),
    );
    match(error.message, /Allow s3:GetObject on arn:aws:s3:::videos\/raw\/\*.*s3:ListBucket on arn:aws:s3:::videos/);
  });

  it("to a list names the list, or quotes AWS", async () => {
    s3.script = (call) => call.refuse(403, "AccessDenied", { message: "Access Denied" });
    const prefixes = await failureOf(listPrefixes({ s3: s3.client, bucket: "videos", signal }));
    match(prefixes.message, /Allow s3:ListBucket on arn:aws:s3:::videos in their IAM policy/);
    const buckets = await failureOf(listBuckets(s3.client, signal));
    match(buckets.message, /Allow s3:ListAllMyBuckets on all resources/);
    const message = denied("s3:ListBucket", "arn:aws:s3:::videos", "with an explicit deny in a session policy");
    s3.script = (call) => call.refuse(403, "AccessDenied", { message });
    const quoted = await failureOf(listPrefixes({ s3: s3.client, bucket: "videos", signal }));
    ok(quoted.message.includes(message));
    match(quoted.message, /change the session policy/);
  });

  it("that says the size limit is quoted with it", async () => {
    s3.script = (call) =>
      call.refuse(400, "EntityTooLarge", {
        message: "Your proposed upload exceeds the maximum allowed size",
        elements: { MaxSizeAllowed: "5368709120" },
      });
    const error = await failureOf(
      uploadObject({
        s3: s3.client,
        bucket: "videos",
        key: "a",
        source: { buffer: randomBytes(10), name: "a" },
        ifExists: "overwrite",
        signal,
      }),
    );
    match(error.message, /5368709120 bytes/);
  });
});
