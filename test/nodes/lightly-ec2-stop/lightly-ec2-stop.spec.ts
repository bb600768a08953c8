import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { EC2Client, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import type { StoppedInstances } from "../../../src/services/ec2/stop-instances.ts";
import { useOwnEnvironment } from "../../support/environment.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { helper, loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { until } from "../support/until.ts";

const ID = "i-0123456789abcdef0";

describe("the lightly-ec2-stop node and numbers that are not valid", () => {
  useNodeRed();
  let sandbox: Sandbox;
  const stateDir = temporaryFolder();

  before(async () => {
    const delays = { startMs: 0, onlineMs: 0, stopMs: 0, deliveryMs: 0, workerPollMs: 50 };
    sandbox = await startSandbox({ stateDir, videosDir: stateDir, delays, worker: "instant" });
  });
  after(() => sandbox.close());

  it("stops the instance with their defaults, and warns once of each", async () => {
    const { region, credentials, endpoints } = sandbox;
    const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await ec2.send(new StartInstancesCommand({ InstanceIds: [ID] }));
    ec2.destroy();
    const step = { type: "lightly-ec2-stop", account: "aws", select: "ids", instanceIds: ID, instanceIdsType: "str" };
    const malformed = {
      retries: "often",
      retrySeconds: "-1",
      timeoutMinutes: "soon",
      pollSeconds: "0,5",
      onBusy: "?",
    };
    const flow = await loadFlow({
      step: { ...step, ...malformed, forceAfterMinutes: "${NO_SUCH_LIMIT}" },
      others: [{ id: "aws", type: "lightly-aws-account", region, endpoint: endpoints.aws, credentialSource: "keys" }],
      credentials: { aws: { ...credentials } },
    });
    const warnings: string[] = [];
    helper.getNode("step").warn = (text: string) => warnings.push(text);
    flow.receive({});
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    deepEqual(flow.caught, []);
    equal(result<StoppedInstances>(flow, "ec2").instances[0]?.state, "stopped");
    for (const [name, used] of Object.entries({
      ...{ retries: 2, retrySeconds: 10, timeoutMinutes: 15, pollSeconds: 5 },
      ...{ forceAfterMinutes: 0, onBusy: "keep" },
    })) {
      const said = warnings.filter((text) => text.includes(`"${name}"`));
      equal(said.length, 1, `${name}: ${warnings.join(" ")}`);
      match(said[0] ?? "", new RegExp(` The default ${used} is used\\.$`));
    }
  });
});

describe("the lightly-ec2-stop node without credentials", () => {
  useNodeRed();
  useOwnEnvironment(/^AWS_/);

  beforeEach(() => {
    const nowhere = join(temporaryFolder(), "nothing");
    Object.assign(process.env, {
      ...{ AWS_CONFIG_FILE: nowhere, AWS_SHARED_CREDENTIALS_FILE: nowhere, AWS_EC2_METADATA_DISABLED: "true" },
    });
  });

  for (const [how, fields] of [
    ["ids", { select: "ids", instanceIds: "i-00000000000000001", instanceIdsType: "str" }],
    ["tags", { select: "tags", tags: [{ key: "Name", value: "worker" }] }],
  ] as const) {
    it(`fails at once, with one error that says what is missing, if no run has started an instance (${how})`, async () => {
      const flow = await loadFlow({
        step: { type: "lightly-ec2-stop", account: "aws", timeoutMinutes: 15, ...fields },
        others: [{ id: "aws", type: "lightly-aws-account", region: "eu-central-1", credentialSource: "chain" }],
      });
      flow.receive({});
      await flow.until(() => flow.completed.length + flow.caught.length > 0);
      deepEqual(
        flow.caught.map(({ error }) => error.code),
        ["AWS_CREDENTIALS_MISSING"],
      );
    });
  }
});

describe("the lightly-ec2-stop node and an instance that is stuck while stopping", () => {
  useNodeRed();
  let sandbox: Sandbox;
  const stateDir = temporaryFolder();

  before(async () => {
    const delays = { startMs: 0, onlineMs: 0, stopMs: 600_000, deliveryMs: 0, workerPollMs: 50 };
    sandbox = await startSandbox({ stateDir, videosDir: stateDir, delays, worker: "instant" });
  });
  after(() => sandbox.close());

  const state = (): unknown => sandbox.events.list({ kind: "instance" }).at(-1)?.state;
  /** Starts the instance like a user in the console, and stops it by a step. */
  const stop = async (values: object): Promise<TestFlow> => {
    const { region, credentials, endpoints } = sandbox;
    const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await ec2.send(new StartInstancesCommand({ InstanceIds: [ID] }));
    ec2.destroy();
    await until(() => state() === "running");
    const step = { type: "lightly-ec2-stop", account: "aws", select: "ids", instanceIds: ID, instanceIdsType: "str" };
    const flow = await loadFlow({
      step: { ...step, waitFor: "stopped", pollSeconds: "0.05", ...values },
      others: [{ id: "aws", type: "lightly-aws-account", region, endpoint: endpoints.aws, credentialSource: "keys" }],
      credentials: { aws: { ...credentials } },
    });
    flow.receive({});
    return flow;
  };

  const forceStop = async (): Promise<void> => {
    const { region, credentials, endpoints } = sandbox;
    const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await ec2.send(new StopInstancesCommand({ InstanceIds: [ID], Force: true }));
    ec2.destroy();
    await until(() => state() === "stopped");
  };

  it("forces the stop after the time in the form", async () => {
    const flow = await stop({ forceAfterMinutes: "0.01", timeoutMinutes: "1" });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    deepEqual(flow.caught, []);
    equal(result<StoppedInstances>(flow, "ec2").instances[0]?.state, "stopped");
  });

  it("reports at its limit the state, what to do, and that Node-RED keeps trying", async () => {
    const flow = await stop({ timeoutMinutes: "0.02" });
    await flow.until(() => flow.caught.length > 0);
    const { code, message } = flow.caught[0]?.error ?? { message: "" };
    equal(code, "TIMED_OUT");
    match(message, new RegExp(`Waited 1 s for ${ID} to stop\\. The last state was: stopping\\.`));
    match(message, /set "Force stop" in ec2 stop, or choose Force stop instance in the EC2 console/);
    match(message, /Node-RED keeps trying/);
    equal(state(), "stopping");
    // Otherwise it would try for minutes after the end of the tests.
    await forceStop();
  });
});
