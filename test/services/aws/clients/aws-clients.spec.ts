import { deepEqual, equal, rejects } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { type AwsClientSettings, AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { useOwnEnvironment } from "../../../support/environment.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

describe("the clients of an AWS account", () => {
  let sandbox: Sandbox;
  const stateDir = temporaryFolder();
  let clients: AwsClients | undefined;

  useOwnEnvironment(/^AWS_/);
  before(async () => {
    sandbox = await startSandbox({ stateDir, videosDir: stateDir });
    // The SDK reads these files once per process.
    const { accessKeyId, secretAccessKey } = sandbox.credentials;
    await writeFile(
      join(stateDir, "credentials"),
      `[gpu]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`,
    );
  });
  beforeEach(() => {
    process.env.AWS_EC2_METADATA_DISABLED = "true";
    process.env.AWS_CONFIG_FILE = join(stateDir, "config");
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(stateDir, "credentials");
  });
  afterEach(() => clients?.destroy());
  after(() => sandbox.close());

  /** Sends one request to each of the three services. */
  async function askAll(settings: AwsClientSettings): Promise<string[]> {
    clients = new AwsClients(settings);
    const buckets = await (await clients.s3()).send(new ListBucketsCommand({}));
    await (await clients.ec2()).send(new DescribeInstancesCommand({}));
    await (await clients.ssm()).send(new DescribeInstanceInformationCommand({}));
    return (buckets.Buckets ?? []).map(({ Name }) => Name ?? "");
  }

  const keys = () => ({ kind: "keys" as const, ...sandbox.credentials });
  const place = () => ({ region: "eu-central-1", endpoint: sandbox.endpoints.aws });
  const BUCKETS = ["lightly-input", "lightly-output"];

  it("use the account's own keys, region and endpoint", async () => {
    deepEqual(await askAll({ ...place(), credentials: { source: keys() } }), BUCKETS);
  });

  it("use the SDK's variables if the form is blank", async () => {
    process.env.AWS_REGION = "eu-central-1";
    process.env.AWS_ENDPOINT_URL = sandbox.endpoints.aws;
    process.env.AWS_ACCESS_KEY_ID = sandbox.credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = sandbox.credentials.secretAccessKey;
    deepEqual(await askAll({ credentials: { source: { kind: "chain" } } }), BUCKETS);
  });

  it("prefer a service's own endpoint variable to the common one", async () => {
    process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:9";
    for (const service of ["S3", "EC2", "SSM"]) {
      process.env[`AWS_ENDPOINT_URL_${service}`] = sandbox.endpoints.aws;
    }
    deepEqual(await askAll({ region: "eu-central-1", credentials: { source: keys() } }), BUCKETS);
  });

  it("read a profile of the shared files", async () => {
    deepEqual(await askAll({ ...place(), credentials: { source: { kind: "profile", profile: "gpu" } } }), BUCKETS);
  });

  it("assume a role with an external id, at the account's own endpoint", async () => {
    const role = { arn: "arn:aws:iam::123456789012:role/pipeline", externalId: "sandbox-external-id" };
    deepEqual(await askAll({ ...place(), credentials: { source: keys(), role } }), BUCKETS);
    const { accessKeyId, sessionToken } = (await (await clients?.s3())?.config.credentials()) ?? {};
    equal(accessKeyId === sandbox.credentials.accessKeyId, false);
    equal(typeof sessionToken, "string");
  });

  it("are created once per service, and use path-style URLs on a local address", async () => {
    clients = new AwsClients({ ...place(), credentials: { source: keys() } });
    equal(await clients.s3(), await clients.s3());
    equal((await clients.s3()).config.forcePathStyle, true);
    const remote = new AwsClients({
      region: "eu-central-1",
      endpoint: "https://storage.example.com",
      credentials: { source: keys() },
    });
    equal((await remote.s3()).config.forcePathStyle, false);
  });

  it("send checksums according to the account, otherwise the SDK's variable, otherwise with each request", async () => {
    const choices = async (requestChecksums?: AwsClientSettings["requestChecksums"]): Promise<string[]> => {
      clients = new AwsClients({
        ...place(),
        credentials: { source: keys() },
        ...(requestChecksums && { requestChecksums }),
      });
      const { config } = await clients.s3();
      return [await config.requestChecksumCalculation(), await config.responseChecksumValidation()];
    };
    deepEqual(await choices(), ["WHEN_SUPPORTED", "WHEN_SUPPORTED"]);
    deepEqual(await choices("WHEN_REQUIRED"), ["WHEN_REQUIRED", "WHEN_REQUIRED"]);
    process.env.AWS_REQUEST_CHECKSUM_CALCULATION = "when_required";
    process.env.AWS_RESPONSE_CHECKSUM_VALIDATION = "when_required";
    deepEqual(await choices(), ["WHEN_REQUIRED", "WHEN_REQUIRED"]);
    deepEqual(await choices("WHEN_SUPPORTED"), ["WHEN_SUPPORTED", "WHEN_SUPPORTED"]);
  });

  // The account destroys them in a timer, where a rejection would end Node-RED.
  it("are destroyed without an error even if one could not be created", async () => {
    const unmade = new AwsClients({ region: "", credentials: { source: keys() } });
    await rejects(unmade.ec2());
    await unmade.destroy();
  });

  it("report missing credentials, and where to set them", async () => {
    await rejects(askAll({ ...place(), credentials: { source: { kind: "chain" } } }), {
      code: "AWS_CREDENTIALS_MISSING",
      message: /none in the environment, none in the profile "default".*AWS_ACCESS_KEY_ID/,
    });
  });
});
