import assert from "node:assert/strict";
import { DescribeInstancesCommand, EC2Client, type EC2ClientConfig } from "@aws-sdk/client-ec2";
import { DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { REQUEST_LIMITS } from "../../../../src/services/aws/clients/request-limits.ts";
import { awsRequestRefused, mapCommonAwsError } from "../../../../src/services/aws/errors/map-aws-error.ts";
import { ec2Fault, serveEc2, serveSsm, ssmFault } from "../wire.ts";

const CONTEXT = { service: "ec2", action: "ec2:DescribeInstances", resource: "instance i-1" } as const;
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI-EXAMPLE" };

describe("mapCommonAwsError", () => {
  let ec2: Awaited<ReturnType<typeof serveEc2>>;
  let ssm: Awaited<ReturnType<typeof serveSsm>>;

  before(async () => {
    ec2 = await serveEc2();
    ssm = await serveSsm();
  });

  after(async () => {
    await ec2.close();
    await ssm.close();
  });

  /** The mapped error of a client with these options. */
  const mapped = async (config: EC2ClientConfig, abortSignal?: AbortSignal): Promise<PipelineError | undefined> => {
    const client = new EC2Client({
      region: "eu-central-1",
      endpoint: ec2.endpoint,
      credentials: KEYS,
      maxAttempts: 1,
      requestHandler: REQUEST_LIMITS,
      ...config,
    });
    try {
      await client.send(new DescribeInstancesCommand({}), { ...(abortSignal && { abortSignal }) });
    } catch (error) {
      return mapCommonAwsError(error, CONTEXT);
    }
    throw new Error("The request should have failed.");
  };

  for (const [code, expected] of [
    ["AuthFailure", "AWS_CREDENTIALS_INVALID"],
    ["InvalidClientTokenId", "AWS_CREDENTIALS_INVALID"],
    ["SignatureDoesNotMatch", "AWS_CREDENTIALS_INVALID"],
    ["InvalidAccessKeyId", "AWS_CREDENTIALS_INVALID"],
    ["UnrecognizedClientException", "AWS_CREDENTIALS_INVALID"],
    ["RequestTimeTooSkewed", "AWS_CREDENTIALS_INVALID"],
    ["ExpiredToken", "AWS_CREDENTIALS_EXPIRED"],
    ["ExpiredTokenException", "AWS_CREDENTIALS_EXPIRED"],
    ["RequestExpired", "AWS_CREDENTIALS_EXPIRED"],
    ["OptInRequired", "AWS_REQUEST_REFUSED"],
    ["RequestLimitExceeded", "AWS_RATE_LIMITED"],
    ["Throttling", "AWS_RATE_LIMITED"],
    ["SlowDown", "AWS_RATE_LIMITED"],
    ["SlowDownWrite", "AWS_RATE_LIMITED"],
    ["KMS.ThrottlingException", "AWS_RATE_LIMITED"],
  ] as const) {
    it(`maps ${code} to ${expected} for any status`, async () => {
      ec2.answer = () => ec2Fault(code);
      const error = await mapped({});
      assert.equal(error?.code, expected);
      assert.equal(error.retryable, expected === "AWS_RATE_LIMITED");
      assert.equal(error.details.awsCode, code);
      assert.equal(error.details.httpStatus, 400);
      assert.match(error.message, /^EC2 DescribeInstances, instance i-1: /);
    });
  }

  it("maps the error names of SSM too", async () => {
    const codes: unknown[] = [];
    for (const [type, status] of [
      ["ExpiredTokenException", 400],
      ["UnrecognizedClientException", 400],
      ["InternalServerError", 500],
    ] as const) {
      ssm.answer = () => ssmFault(type, "text", status);
      await ssm.ssm
        .send(new DescribeInstanceInformationCommand({}))
        .catch((error: unknown) => codes.push(mapCommonAwsError(error, { ...CONTEXT, service: "ssm" })?.code));
    }
    assert.deepEqual(codes, ["AWS_CREDENTIALS_EXPIRED", "AWS_CREDENTIALS_INVALID", "AWS_SERVICE_FAILED"]);
  });

  for (const status of [500, 502, 503, 504]) {
    it(`maps HTTP ${status} to a retryable failure of the service`, async () => {
      ec2.answer = () => ec2Fault("InternalError", "oops", status);
      const error = await mapped({});
      assert.deepEqual([error?.code, error?.retryable], ["AWS_SERVICE_FAILED", true]);
    });
  }

  for (const [what, answer, code, retryable] of [
    ["a reset connection", { fault: "reset" }, "AWS_UNREACHABLE", true],
    ["a connection that says nothing", { fault: "hang" }, "AWS_UNREACHABLE", true],
    ["a response that breaks off", { fault: "cut" }, "AWS_UNREACHABLE", true],
    ["a proxy's page with 200", { body: "<html><body>hello</body>" }, "AWS_SERVICE_FAILED", true],
    ["a proxy's page with 502", { status: 502, body: "<html><body>hello</body>" }, "AWS_SERVICE_FAILED", true],
    ["a proxy's page with 403", { status: 403, body: "<html><body>hello</body>" }, "AWS_REQUEST_REFUSED", false],
    ["an empty 500", { status: 500, body: "" }, "AWS_SERVICE_FAILED", true],
    ["an empty 429", { status: 429, body: "" }, "AWS_RATE_LIMITED", true],
  ] as const) {
    it(`maps ${what} to ${code}`, async () => {
      ec2.answer = () => answer;
      const isSilent = "fault" in answer && answer.fault === "hang";
      const error = await mapped(isSilent ? { requestHandler: { ...REQUEST_LIMITS, socketTimeout: 100 } } : {});
      assert.deepEqual([error?.code, error?.retryable], [code, retryable]);
    });
  }

  it("maps a refused connection and an unknown host to unreachable, and names the endpoint", async () => {
    for (const endpoint of ["http://127.0.0.1:1", "http://nowhere.invalid"]) {
      const error = await mapped({ endpoint });
      assert.deepEqual([error?.code, error?.retryable], ["AWS_UNREACHABLE", true]);
      assert.match(error?.message ?? "", /AWS_ENDPOINT_URL/);
    }
  });

  it("ends a request at its limit, although the SDK only warns", async () => {
    ec2.answer = () => ({ fault: "hang" });
    const error = await mapped({ requestHandler: { ...REQUEST_LIMITS, requestTimeout: 100 } });
    assert.deepEqual([error?.code, error?.retryable], ["AWS_UNREACHABLE", true]);
  });

  it("reports an invalid endpoint or region", async () => {
    assert.equal((await mapped({ endpoint: "nonsense" }))?.code, "INPUT_INVALID");
    assert.equal((await mapped({ region: "not a region" }))?.code, "INPUT_INVALID");
  });

  it("maps an aborted request to ABORTED", async () => {
    ec2.answer = () => ({ fault: "hang" });
    const abort = new AbortController();
    const result = mapped({}, abort.signal);
    abort.abort();
    assert.equal((await result)?.code, "ABORTED");
  });

  it("distinguishes a wrong clock from wrong keys", () => {
    for (const [text, code] of [
      ["Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z", "AWS_CREDENTIALS_EXPIRED"],
      ["Signature not yet current: 20260101T001000Z is still later than 20260101T000000Z", "AWS_CREDENTIALS_INVALID"],
    ]) {
      const error = mapCommonAwsError(Object.assign(new Error(text), { name: "InvalidSignatureException" }), CONTEXT);
      assert.equal(error?.code, code);
      assert.match(error?.message ?? "", /clock/);
    }
  });

  it("distinguishes a role that may not be assumed from missing permissions of the role", () => {
    const denied = Object.assign(new Error("User: arn:x is not authorized to perform: sts:AssumeRole on resource: y"), {
      name: "AccessDenied",
    });
    const error = mapCommonAwsError(denied, CONTEXT);
    assert.equal(error?.code, "AWS_CREDENTIALS_INVALID");
    assert.match(error.message, /trust policy/);
    assert.match(
      error.message,
      /STS responded: "User: arn:x is not authorized to perform: sts:AssumeRole on resource: y"/,
    );
  });

  it("does not map the service's own errors, including a lack of capacity (HTTP 500)", async () => {
    for (const [code, status] of [
      ["InsufficientInstanceCapacity", 500],
      ["InvalidInstanceID.NotFound", 400],
      ["UnauthorizedOperation", 403],
      ["AccessDenied", 403],
    ] as const) {
      ec2.answer = () => ec2Fault(code, code, status);
      assert.equal(await mapped({}), undefined, code);
    }
    for (const thrown of [new TypeError("a defect"), "text", undefined, null]) {
      assert.equal(mapCommonAwsError(thrown, CONTEXT), undefined);
    }
  });

  it("returns a PipelineError unchanged", () => {
    const error = new PipelineError("INPUT_INVALID", "x");
    assert.equal(mapCommonAwsError(error, CONTEXT), error);
  });

  it("never shows the secret key", async () => {
    for (const code of ["SignatureDoesNotMatch", "AuthFailure", "Throttling", "InternalError"]) {
      ec2.answer = () => ec2Fault(code, "text", 400);
      const error = await mapped({});
      assert.doesNotMatch(`${error?.message} ${JSON.stringify(error?.details)}`, /wJalrXUtnFEMI/);
    }
  });
});

describe("awsRequestRefused", () => {
  it("quotes AWS's code and text, without signed URLs", () => {
    const error = awsRequestRefused(
      Object.assign(new Error("see https://b.test/k?X-Amz-Signature=abc123&x=1"), { name: "OddRefusal" }),
      CONTEXT,
    );
    assert.equal(error.code, "AWS_REQUEST_REFUSED");
    assert.match(error.message, /OddRefusal: see https:\/\/b\.test\/k\?X-Amz-Signature=\*\*\*&x=1/);
  });
});
