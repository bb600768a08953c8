import { deepEqual, equal, rejects } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mock } from "node:test";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { issueTemporaryCredentials } from "lightly-aws-sandbox/services";
import { AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import type { AwsCredentialSettings } from "../../../../src/services/aws/credentials/credential-provider.ts";
import { startInstances } from "../../../../src/services/ec2/start-instances.ts";
import { stopInstances } from "../../../../src/services/ec2/stop-instances.ts";
import { followCommand } from "../../../../src/services/ssm/follow-command.ts";
import { sendScript } from "../../../../src/services/ssm/send-script.ts";
import { useOwnEnvironment } from "../../../support/environment.ts";
import { HANG_MS } from "../../../support/limits.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const HOUR_MS = 3_600_000;

describe("credentials that expire during a long wait", () => {
  const stateDir = temporaryFolder();
  let sandbox: Sandbox;
  let clients: AwsClients | undefined;
  let requests: string[] = [];
  useOwnEnvironment();
  const role = { arn: "arn:aws:iam::123456789012:role/pipeline" };

  before(async () => {
    const delays = { startMs: 300, onlineMs: 20, stopMs: 20, deliveryMs: 10 };
    const onRequest: NonNullable<Parameters<typeof startSandbox>[0]["onRequest"]> = ({ operation, phase }) => {
      if (phase === "arrived") {
        requests.push(operation);
      }
    };
    sandbox = await startSandbox({ stateDir, videosDir: stateDir, delays, onRequest });
  });
  beforeEach(() => {
    requests = [];
  });
  afterEach(async () => {
    mock.timers.reset();
    sandbox.faults.clear();
    await clients?.destroy();
  });
  after(() => sandbox.close());

  function clientsOf(settings: Partial<AwsCredentialSettings> = {}): AwsClients {
    const source = { kind: "keys" as const, ...sandbox.credentials };
    const place = { region: sandbox.region, endpoint: sandbox.endpoints.aws };
    clients = new AwsClients({ ...place, credentials: { source, ...settings } });
    return clients;
  }

  const count = (operation: string): number => requests.filter((one) => one === operation).length;
  const select = () => ({ ids: [sandbox.instanceId] });
  const wait = () => ({ timeoutMs: 3 * HOUR_MS, pollMs: 20, signal: AbortSignal.timeout(HANG_MS) });

  async function stop(lent: AwsClients): Promise<void> {
    await stopInstances({ ec2: await lent.ec2(), select: select(), wait: true, ...wait() });
  }

  it("are renewed when the role's hour is over, and the wait for an instance continues", async () => {
    const lent = clientsOf({ role });
    // Node.js caches the date of its responses for a second, and the SDK would correct its clock by it.
    const { apply } = sandbox.faults;
    sandbox.faults.apply = (service, operation, request, response, refuse) => {
      response.sendDate = false;
      return apply(service, operation, request, response, refuse);
    };
    mock.timers.enable({ apis: ["Date"], now: Date.now() });
    let isLater = false;
    const { instanceIds } = await startInstances({
      ...{ ec2: await lent.ec2(), ssm: await lent.ssm(), select: select(), capacityTimeoutMs: 0, ...wait() },
      onState: ([instance]) => {
        if (!isLater && instance?.state === "pending") {
          isLater = true;
          mock.timers.setTime(Date.now() + 2 * HOUR_MS);
        }
      },
    });
    deepEqual(instanceIds, [sandbox.instanceId]);
    sandbox.faults.apply = apply;
    mock.timers.reset();
    equal(isLater, true);
    // Twice for EC2; SSM follows later, and each client assumes the role itself.
    equal(count("AssumeRole"), 3);
    await stop(clientsOf());
  });

  it("are renewed when EC2 reports them as expired during a wait", async () => {
    const lent = clientsOf({ role });
    const rule = { operation: "DescribeInstances", kind: "status", status: 400, code: "RequestExpired" } as const;
    sandbox.faults.add({ service: "ec2", ...rule, after: 3, times: 1 });
    await startInstances({ ec2: await lent.ec2(), select: select(), capacityTimeoutMs: 0, ...wait() });
    equal(count("AssumeRole"), 2);
    await stop(lent);
  });

  it("are renewed when SSM reports them as expired while a command is followed", async () => {
    const lent = clientsOf({ role });
    const [ec2, ssm] = [await lent.ec2(), await lent.ssm()];
    await startInstances({ ec2, ssm, select: select(), capacityTimeoutMs: 0, ...wait() });
    const before = count("AssumeRole");
    const rule = { operation: "GetCommandInvocation", kind: "status", status: 400 } as const;
    sandbox.faults.add({ service: "ssm", ...rule, code: "ExpiredTokenException", times: 1 });
    await writeFile(join(sandbox.instanceDir, "home/ubuntu/short.sh"), "sleep 0.2\n");
    const { commandId } = await sendScript({
      ...{ ssm, instanceIds: [sandbox.instanceId], script: "/home/ubuntu/short.sh", args: [], environment: {} },
      ...{ executionTimeoutSeconds: 60, deliveryTimeoutSeconds: 60, comment: "", signal: wait().signal },
    });
    const { status } = await followCommand({
      ...{ ssm, commandId, instanceId: sandbox.instanceId, until: "ended", ...wait() },
    });
    equal(status, "Success");
    equal(count("AssumeRole") - before, 1);
    await stop(lent);
  });

  it("are read again from a profile's file that was updated", async () => {
    const file = join(stateDir, "credentials");
    process.env.AWS_SHARED_CREDENTIALS_FILE = file;
    process.env.AWS_CONFIG_FILE = join(stateDir, "config");
    const writeSession = async (endsAt: number): Promise<void> => {
      const caller = { arn: "arn:aws:sts::123456789012:assumed-role/pipeline/session", userId: "AROA:session" };
      const issued = issueTemporaryCredentials(sandbox.credentials, caller, new Date(endsAt));
      const { accessKeyId, secretAccessKey, sessionToken } = issued;
      const lines = [`aws_access_key_id=${accessKeyId}`, `aws_secret_access_key=${secretAccessKey}`];
      await writeFile(file, ["[gpu]", ...lines, `aws_session_token=${sessionToken}`, ""].join("\n"));
    };
    await writeSession(Date.now() - 1000);
    const s3 = await clientsOf({ source: { kind: "profile", profile: "gpu" } }).s3();
    await rejects(s3.send(new ListBucketsCommand({})), { name: "ExpiredToken" });
    await writeSession(Date.now() + HOUR_MS);
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    equal(Buckets.length, 2);
  });

  it("are an error immediately if there are no others", async () => {
    sandbox.faults.add({ service: "s3", kind: "status", status: 400, code: "ExpiredToken" });
    const s3 = await clientsOf().s3();
    await rejects(s3.send(new ListBucketsCommand({})), { name: "ExpiredToken" });
    equal(count("ListBuckets"), 1);
  });
});
