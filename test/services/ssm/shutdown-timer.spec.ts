import assert from "node:assert/strict";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { instanceState } from "../../../scripts/local/instance-state.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { followCommand } from "../../../src/services/ssm/follow-command.ts";
import { armShutdown, disarmShutdown, type TimerCommand } from "../../../src/services/ssm/shutdown-timer.ts";
import { until } from "../../nodes/support/until.ts";
import { HANG_MS } from "../../support/limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { serveSsm, ssmAnswer, ssmFault } from "../aws/wire.ts";

const ID = "i-0123456789abcdef0";
const COMMAND = "01234567-89ab-cdef-0123-456789abcdef";
const signal = new AbortController().signal;

describe("The request that sets or clears an instance's shutdown timer", () => {
  let wire: Awaited<ReturnType<typeof serveSsm>>;

  beforeEach(async () => {
    wire = await serveSsm();
    wire.answer = () => ssmAnswer({ Command: { CommandId: COMMAND } });
  });
  afterEach(() => wire.close());

  const arm = (minutes: number) => armShutdown({ ssm: wire.ssm, instanceId: ID, minutes, signal });
  const lines = () => wire.requests.map(({ input }) => (input.Parameters as { commands: string[] }).commands);

  it("schedules a shutdown in whole minutes, at least one", async () => {
    const command: TimerCommand = { commandId: COMMAND, instanceId: ID, commandLine: "shutdown -h +30" };
    assert.deepEqual(await arm(30), command);
    await arm(0.2);
    await arm(12.5);
    assert.deepEqual(lines(), [["shutdown -h +30"], ["shutdown -h +1"], ["shutdown -h +13"]]);
  });

  it("cancels the shutdown", async () => {
    await disarmShutdown({ ssm: wire.ssm, instanceId: ID, signal });
    assert.deepEqual(lines(), [["shutdown -c"]]);
  });

  it("is delivered within a minute or not at all, and has limits that the agent accepts", async () => {
    await arm(30);
    const { TimeoutSeconds, Parameters, Comment } = wire.requests[0]?.input ?? {};
    assert.equal(TimeoutSeconds, 60);
    assert.deepEqual((Parameters as { executionTimeout: string[] }).executionTimeout, ["3600"]);
    assert.ok(String(Comment).length <= 100);
  });

  it("is retried after a failure of the service, because it is idempotent", async () => {
    wire.answer = () =>
      wire.requests.length === 1
        ? ssmFault("InternalServerError", "x", 500)
        : ssmAnswer({ Command: { CommandId: COMMAND } });
    await arm(30);
    assert.equal(wire.count("SendCommand"), 2);
  });

  it("reports the missing permission if it is refused", async () => {
    wire.answer = () => ssmFault("AccessDeniedException");
    await assert.rejects(arm(30), {
      code: "SSM_ACCESS_DENIED",
      message: /shutdown -h \+30.*i-0123456789abcdef0.*ssm:SendCommand/s,
    });
    wire.answer = () => ssmFault("InvalidInstanceId");
    await assert.rejects(arm(30), { code: "SSM_NOT_ONLINE" });
    wire.answer = () => ssmAnswer({});
    await assert.rejects(arm(30), { code: "AWS_SERVICE_FAILED" });
  });
});

describe("The shutdown timer of a sandbox's instance", () => {
  let sandbox: Sandbox;
  const stateDir = temporaryFolder();
  let ec2: EC2Client;
  let ssm: SSMClient;

  before(async () => {
    sandbox = await startSandbox({
      stateDir,
      videosDir: stateDir,
      worker: "instant",
      delays: { startMs: 10, onlineMs: 10, stopMs: 10, deliveryMs: 10, workerPollMs: 20, secondMs: 10 },
    });
    const config = { region: sandbox.region, credentials: sandbox.credentials, endpoint: sandbox.endpoints.aws };
    ec2 = new EC2Client(config);
    ssm = new SSMClient(config);
  });
  beforeEach(() =>
    startInstances({ ec2, ssm, select: { ids: [ID] }, timeoutMs: HANG_MS, capacityTimeoutMs: 0, pollMs: 10, signal }),
  );
  after(async () => {
    ec2.destroy();
    ssm.destroy();
    await sandbox.close();
  });

  const succeed = async (sent: Promise<TimerCommand>) => {
    const { commandId } = await sent;
    const report = await followCommand({
      ssm,
      commandId,
      instanceId: ID,
      until: "ended",
      timeoutMs: HANG_MS,
      pollMs: 20,
      signal,
    });
    assert.deepEqual([report.status, report.exitCode], ["Success", 0]);
  };
  const stops = () =>
    sandbox.events.list({ kind: "instance" }).filter(({ state }) => state === "stopped" || state === "stopping");

  it("stops the instance if it is not renewed", async () => {
    await succeed(armShutdown({ ssm, instanceId: ID, minutes: 1, signal }));
    await until(async () => (await instanceState(sandbox)) === "stopped");
    assert.match(JSON.stringify(stops()), /InstanceInitiatedShutdown/);
  });

  it("does not stop the instance if it was canceled", async () => {
    await succeed(armShutdown({ ssm, instanceId: ID, minutes: 30, signal }));
    assert.equal(typeof (await shutdownAt()), "number");
    await succeed(disarmShutdown({ ssm, instanceId: ID, signal }));
    assert.equal(await shutdownAt(), undefined);
    await succeed(disarmShutdown({ ssm, instanceId: ID, signal }));
  });

  /** The scheduled shutdown of the instance in the sandbox. */
  async function shutdownAt(): Promise<unknown> {
    const headers = { "x-sandbox-control": "yes" };
    const answer = await fetch(`${sandbox.endpoints.aws}/_sandbox/state`, { headers });
    const { instances } = (await answer.json()) as { instances: Array<{ instanceId: string; shutdownAt?: number }> };
    return instances.find(({ instanceId }) => instanceId === ID)?.shutdownAt;
  }
});
