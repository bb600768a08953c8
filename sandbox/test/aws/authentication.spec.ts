import assert from "node:assert/strict";
import type { AwsService } from "../../src/aws/aws-service.ts";
import { presignUrl } from "../../src/aws/presign-url.ts";
import { CREDENTIALS, REGION, type RunningAws, startAws } from "./aws-server.ts";
import { codeOf, exchange, type RawRequest, send } from "./raw-request.ts";

/** A service that echoes requests, or returns an error code. */
function echoService(name: AwsService["name"]): AwsService {
  return {
    name,
    async handle({ response, body, accessKeyId, region, requestId }) {
      response.end(JSON.stringify({ body: (await body()).toString(), accessKeyId, region, requestId }));
    },
    refuse(response, { code, status }) {
      response.writeHead(status).end(`<Code>${code}</Code>`);
    },
  };
}

describe("sandbox aws: authentication", () => {
  let aws: RunningAws;
  before(async () => {
    aws = await startAws({ others: [echoService("ec2"), echoService("ssm")] });
    await aws.storage.createBucket("bucket");
  });
  after(() => aws.close());

  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  /** Computed when the test runs, because the file may have been loaded minutes before. */
  const soon = (count: number): Partial<RawRequest> => ({
    get now() {
      return minutes(count);
    },
  });
  const refusals: [what: string, request: Partial<RawRequest>, code: string, status: number][] = [
    ["an unknown key", { credentials: { accessKeyId: "AKIAOTHER", secretAccessKey: "x" } }, "InvalidAccessKeyId", 403],
    [
      "a wrong secret",
      { credentials: { accessKeyId: "AKIASANDBOXTEST", secretAccessKey: "x" } },
      "SignatureDoesNotMatch",
      403,
    ],
    ["a clock 16 minutes behind", soon(-16), "RequestTimeTooSkewed", 403],
    ["a clock 16 minutes ahead", soon(16), "RequestTimeTooSkewed", 403],
    ["a header that was added later", { unsigned: { "x-amz-acl": "public-read" } }, "AccessDenied", 403],
    ["another region", { region: "us-east-1" }, "AuthorizationHeaderMalformed", 400],
    ["a service that is not there", { service: "lambda" }, "AuthorizationHeaderMalformed", 400],
    ["a hash that is none", { payloadHash: "abc" }, "InvalidArgument", 400],
    [
      "a body that is not the one that was signed",
      { payloadHash: "0".repeat(64), method: "PUT" },
      "XAmzContentSHA256Mismatch",
      400,
    ],
    [
      "a session token that is not ours",
      { credentials: { accessKeyId: "AKIASANDBOXTEST", secretAccessKey: "not/a+real=secret", sessionToken: "abc" } },
      "InvalidToken",
      400,
    ],
  ];
  for (const [what, request, code, status] of refusals) {
    it(`refuses ${what} with ${code}`, async () => {
      const answer = await send(aws.endpoint, { path: "/bucket/key", ...request });
      assert.deepEqual([codeOf(answer), answer.status], [code, status], answer.body);
    });
  }

  it("accepts a clock that is off by 14 minutes", async () => {
    assert.equal((await send(aws.endpoint, { path: "/bucket/", now: minutes(-14) })).status, 200);
  });

  it("refuses requests without a signature, with an incomplete one, or with version 2", async () => {
    const get = (headers: Record<string, string>, query = "") =>
      exchange(aws.endpoint, { path: `/bucket/key${query}`, headers });
    const credential = "Credential=AKIASANDBOXTEST/20260101/eu-central-1/s3/aws4_request";
    const cases: [Record<string, string>, string, string][] = [
      [{}, "", "AccessDenied"],
      [{ authorization: "AWS AKIASANDBOXTEST:c2lnbmF0dXJl" }, "", "AccessDenied"],
      [{}, "?AWSAccessKeyId=AKIASANDBOXTEST&Expires=9999999999&Signature=abc", "AccessDenied"],
      [{ authorization: "Basic YTpi" }, "", "AuthorizationHeaderMalformed"],
      [{ authorization: "AWS4-HMAC-SHA256 nonsense" }, "", "AuthorizationHeaderMalformed"],
      [{ authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host` }, "", "AuthorizationHeaderMalformed"],
      [
        { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=00` },
        "",
        "AuthorizationHeaderMalformed",
      ],
    ];
    for (const [headers, query, code] of cases) {
      const answer = await get(headers, query);
      assert.equal(codeOf(answer), code, answer.body);
    }
  });

  it("reports a problem with the error code of each service", async () => {
    const credentials = { accessKeyId: "AKIAOTHER", secretAccessKey: "x" };
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const json = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.SendCommand" };
    const ask = (service: string, headers: Record<string, string>) =>
      send(aws.endpoint, { method: "POST", path: "/", service, headers, credentials, body: "Action=X" });
    const [ec2, ssm, sts] = [await ask("ec2", form), await ask("ssm", json), await ask("sts", form)];
    assert.deepEqual([codeOf(ec2), ec2.status], ["AuthFailure", 401]);
    assert.deepEqual([codeOf(ssm), ssm.status], ["UnrecognizedClientException", 400]);
    assert.deepEqual([codeOf(sts), sts.status], ["InvalidClientTokenId", 403]);
    const unsigned = await exchange(aws.endpoint, { method: "POST", path: "/", headers: json, body: "{}" });
    assert.equal(codeOf(unsigned), "MissingAuthenticationTokenException");
  });

  it("passes a verified request to the service of its scope, with its body", async () => {
    const { headers, body } = await send(aws.endpoint, { method: "POST", path: "/", service: "ec2", body: "Action=X" });
    const { requestId, ...rest } = JSON.parse(body) as Record<string, string>;
    assert.deepEqual(rest, { body: "Action=X", accessKeyId: "AKIASANDBOXTEST", region: "eu-central-1" });
    assert.equal(requestId, headers["x-amzn-requestid"]);
  });

  it("checks the bytes of a request without their hash, such as those of botocore to EC2 and SSM", async () => {
    const tampered = { method: "POST", path: "/", service: "ec2", body: "Action=Y", payloadHash: "0".repeat(64) };
    assert.equal(codeOf(await send(aws.endpoint, tampered)), "AuthFailure");
  });

  it("accepts presigned URLs only for S3", async () => {
    const s3Url = presignUrl({
      credentials: CREDENTIALS,
      region: REGION,
      endpoint: aws.endpoint,
      method: "GET",
      bucket: "bucket",
      key: "key",
      expiresSeconds: 60,
    });
    const { search } = new URL(s3Url.replace("%2Fs3%2F", "%2Fssm%2F"));
    assert.equal(
      codeOf(await exchange(aws.endpoint, { method: "POST", path: `/${search}` })),
      "IncompleteSignatureException",
    );
  });

  it("accepts only local host names, so that no web page can reach it", async () => {
    const port = new URL(aws.endpoint).port;
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "127.0.0.1",
      "127.0.0.1:1",
      `bucket.localhost:${port}`,
    ]) {
      const { status, body } = await send(aws.endpoint, { path: "/", headers: { host } });
      assert.equal(status, 403, host);
      assert.match(body, /only to 127\.0\.0\.1 and localhost/);
    }
    const origin = await send(aws.endpoint, { path: "/", unsigned: { origin: "https://evil.example" } });
    assert.equal(origin.status, 403);
    assert.equal((await send(aws.endpoint, { path: "/", headers: { host: `localhost:${port}` } })).status, 200);
  });

  it("applies faults by the operation's name, in the service's error format", async () => {
    aws.faults.add({
      service: "s3",
      operation: "ListBuckets",
      kind: "status",
      status: 500,
      code: "InternalError",
      times: 1,
    });
    aws.faults.add({ service: "ec2", operation: "StartInstances", kind: "throttle", times: 1 });
    const list = await send(aws.endpoint, { path: "/" });
    assert.deepEqual([codeOf(list), list.status], ["InternalError", 500]);
    const start = () =>
      send(aws.endpoint, {
        method: "POST",
        path: "/",
        service: "ec2",
        body: "Action=StartInstances&Version=2016-11-15",
      });
    assert.equal(codeOf(await start()), "RequestLimitExceeded");
    assert.equal((await start()).status, 200);
  });

  it("logs no unexpected error", () => assert.deepEqual(aws.log, []));
});
