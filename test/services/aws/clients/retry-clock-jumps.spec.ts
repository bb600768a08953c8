import { equal, rejects } from "node:assert/strict";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { DescribeInstanceInformationCommand } from "@aws-sdk/client-ssm";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const DAYS_MS = 3 * 24 * 3_600_000;

describe("a jump of the system date", () => {
  const stateDir = temporaryFolder();
  let sandbox: Sandbox;
  let clients: AwsClients;

  before(async () => {
    sandbox = await startSandbox({ stateDir, videosDir: stateDir });
  });
  beforeEach(() => {
    clients = clientsOf(sandbox.credentials.secretAccessKey);
  });
  afterEach(() => clients.destroy());
  after(() => sandbox.close());

  function clientsOf(secretAccessKey: string): AwsClients {
    const { region, endpoints, credentials } = sandbox;
    const source = { kind: "keys" as const, ...credentials, secretAccessKey };
    return new AwsClients({ region, endpoint: endpoints.aws, credentials: { source } });
  }

  const REQUESTS = {
    ec2: async () => (await clients.ec2()).send(new DescribeInstancesCommand({})),
    s3: async () => (await clients.s3()).send(new ListBucketsCommand({})),
    ssm: async () => (await clients.ssm()).send(new DescribeInstanceInformationCommand({})),
  };

  for (const [service, request] of Object.entries(REQUESTS)) {
    for (const [what, jumpMs] of [
      ["behind", -DAYS_MS],
      ["ahead", DAYS_MS],
    ] as const) {
      it(`fails no request to ${service} after the date was days ${what} and is right again`, async () => {
        const client = await clients[service as keyof typeof REQUESTS]();
        // The state of the SDK after a response to a request with the wrong date.
        client.config.systemClockOffset = -jumpMs;
        await request();
        equal(Math.abs(client.config.systemClockOffset) < 60_000, true);
        await request();
      });
    }
  }

  it("is not reported for a secret that AWS does not accept", async () => {
    await clients.destroy();
    clients = clientsOf("not the sandbox's");
    let sent = 0;
    const count = { step: "deserialize", priority: "low" } as const;
    (await clients.ec2()).middlewareStack.add(
      (next) => (args) => {
        sent += 1;
        return next(args);
      },
      count,
    );
    await rejects(REQUESTS.ec2(), { name: "AuthFailure" });
    equal(sent, 1);
  });
});
