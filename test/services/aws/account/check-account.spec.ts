import assert from "node:assert/strict";
import { getCallerIdentity } from "../../../../src/services/aws/account/caller-identity.ts";
import { checkAccount } from "../../../../src/services/aws/account/check-account.ts";
import { type AwsClientSettings, AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { stsAddress } from "../../../../src/services/aws/credentials/sts-roles.ts";
import { useSandbox } from "../../../nodes/support/sandbox.ts";
import { useOwnEnvironment } from "../../../support/environment.ts";
import { serveHttp as serveS3 } from "../../../support/http-server.ts";
import { NOWHERE } from "../../../support/nowhere.ts";

const signal = new AbortController().signal;

/** An address without a listener. */
describe("checkAccount", () => {
  useOwnEnvironment();
  const local = useSandbox();
  const opened: AwsClients[] = [];
  after(() => Promise.all(opened.map((clients) => clients.destroy())));

  function open(changes: { key?: string; secret?: string; session?: string } & Partial<AwsClientSettings> = {}) {
    const { endpoints, region, credentials } = local.sandbox;
    const { key = credentials.accessKeyId, secret = credentials.secretAccessKey, session, ...settings } = changes;
    const clients = new AwsClients({
      region,
      endpoint: endpoints.aws,
      credentials: {
        source: {
          kind: "keys",
          accessKeyId: key,
          secretAccessKey: secret,
          ...(session !== undefined && { sessionToken: session }),
        },
      },
      ...settings,
    });
    opened.push(clients);
    return clients;
  }
  const check = (clients: AwsClients) => checkAccount(clients, signal);

  it("returns the identity of the credentials, and their permissions", async () => {
    const { identity, actions } = await check(open());
    assert.match(identity?.arn ?? "", /^arn:aws:iam::123456789012:/);
    assert.equal(identity?.account, "123456789012");
    assert.deepEqual(
      actions.map(({ action, fault }) => [action, fault]),
      [
        ["s3:ListAllMyBuckets", undefined],
        ["ec2:DescribeInstances", undefined],
        ["ssm:DescribeInstanceInformation", undefined],
      ],
    );
  });

  it("returns the session of an assumed role", async () => {
    const { credentials } = local.sandbox;
    const clients = open({
      credentials: {
        source: { kind: "keys", ...credentials },
        role: { arn: "arn:aws:iam::123456789012:role/labelling" },
      },
    });
    const { identity } = await check(clients);
    assert.equal(identity?.arn, "arn:aws:sts::123456789012:assumed-role/labelling/node-red-lightly-aws");
  });

  it("reports an unknown access key", async () => {
    await assert.rejects(check(open({ key: "AKIAIOSFODNN7EXAMPLE" })), {
      code: "AWS_CREDENTIALS_INVALID",
      message: /does not know the access key id/,
    });
  });

  it("reports the secret key of another access key", async () => {
    await assert.rejects(check(open({ secret: "wrong" })), {
      code: "AWS_CREDENTIALS_INVALID",
      message: /the secret key does not belong to the access key/,
    });
  });

  it("reports the error of the clock, which the SDK would hide", async () => {
    const ec2 = await open().ec2();
    const now = (): number => Date.now() + 47 * 60_000;
    await assert.rejects(getCallerIdentity({ ec2, address: local.sandbox.endpoints.aws, signal, now }), {
      code: "AWS_CREDENTIALS_INVALID",
      message: /47 minutes ahead of that of AWS/,
    });
  });

  it("reports an expired session", async () => {
    local.sandbox.faults.add({ kind: "status", service: "sts", status: 403, code: "ExpiredToken" });
    await assert.rejects(check(open()), { code: "AWS_CREDENTIALS_EXPIRED", message: /session.*has expired/ });
  });

  it("reports which action is not permitted, and that the others are", async () => {
    local.sandbox.faults.add({ kind: "status", service: "ec2", status: 403, code: "UnauthorizedOperation" });
    const { identity, actions } = await check(open());
    assert.ok(identity);
    const refused = actions.filter(({ fault }) => fault);
    assert.deepEqual(
      refused.map(({ action, fault }) => [action, fault?.code]),
      [["ec2:DescribeInstances", "EC2_ACCESS_DENIED"]],
    );
    assert.match(refused[0]?.fault?.message ?? "", /Allow ec2:DescribeInstances/);
  });

  it("works without STS if an endpoint has none", async () => {
    local.sandbox.faults.add({ kind: "status", service: "sts", status: 404, code: "NotFound" });
    const { identity, actions } = await check(open());
    assert.equal(identity, undefined);
    assert.ok(actions.every(({ fault }) => fault === undefined));
  });

  it("reports an endpoint that does not respond", async () => {
    const endpoint = NOWHERE;
    await assert.rejects(check(open({ endpoint })), {
      code: "AWS_UNREACHABLE",
      message: /Check the network/,
    });
  });

  it("reports an invalid endpoint", async () => {
    const endpoint = "127.0.0.1";
    await assert.rejects(check(open({ endpoint })), {
      code: "INPUT_INVALID",
      message: /endpoint is not a valid URL/,
    });
  });

  it("reports a missing region", async () => {
    delete process.env.AWS_REGION;
    process.env.AWS_CONFIG_FILE = "/nonexistent";
    const { credentials, endpoints } = local.sandbox;
    const clients = new AwsClients({
      endpoint: endpoints.aws,
      credentials: { source: { kind: "keys", ...credentials } },
    });
    opened.push(clients);
    await assert.rejects(check(clients), { code: "AWS_REGION_MISSING" });
  });

  it("reports a response without an identity", async () => {
    const page = await serveS3((_request, response) => response.end("<html>Sign in to the network</html>"));
    try {
      await assert.rejects(getCallerIdentity({ ec2: await open().ec2(), signal, address: page.url }), {
        code: "AWS_SERVICE_FAILED",
        message: /has no identity/,
      });
    } finally {
      await page.close();
    }
  });

  it("checks the keys of an S3-compatible store at the store, although AWS does not know them", async () => {
    const store = await serveS3((_request, response) =>
      response.end("<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>"),
    );
    try {
      const clients = open({ key: "store-key", secret: "store-secret", s3Endpoint: store.url });
      const { identity, actions } = await check(clients);
      assert.equal(identity, undefined);
      assert.deepEqual(
        actions.map(({ action, fault }) => [action, fault?.code]),
        [
          ["s3:ListAllMyBuckets", undefined],
          ["ec2:DescribeInstances", "AWS_CREDENTIALS_INVALID"],
          ["ssm:DescribeInstanceInformation", "AWS_CREDENTIALS_INVALID"],
        ],
      );
    } finally {
      await store.close();
    }
  });

  it("uses the STS of the region if no endpoint is set", () => {
    assert.equal(stsAddress({ region: "eu-central-1", endpoint: undefined }), "https://sts.eu-central-1.amazonaws.com");
    assert.equal(stsAddress({ region: "cn-north-1", endpoint: undefined }), "https://sts.cn-north-1.amazonaws.com.cn");
  });
});
