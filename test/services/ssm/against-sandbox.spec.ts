import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Sandbox, startSandbox } from "lightly-aws-sandbox";
import { isAlive } from "../../../sandbox/test/instances/running-sandbox.ts";
import { WakeUp } from "../../../src/polling/wake-up.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { type StopInstancesOptions, stopInstances } from "../../../src/services/ec2/stop-instances.ts";
import { cancelCommand } from "../../../src/services/ssm/cancel-command.ts";
import { commandError } from "../../../src/services/ssm/command-error.ts";
import { findCommand } from "../../../src/services/ssm/find-command.ts";
import { type FollowCommandOptions, followCommand } from "../../../src/services/ssm/follow-command.ts";
import { type SendScriptOptions, sendScript } from "../../../src/services/ssm/send-script.ts";
import { HANG_MS } from "../../support/limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Real processes, real bytes, real time: all services of an instance together. */
describe("Instances and scripts in the sandbox", () => {
  let sandbox: Sandbox;
  const stateDir = temporaryFolder();
  let ec2: EC2Client;
  let ssm: SSMClient;
  let id: string;
  const signal = new AbortController().signal;

  before(async () => {
    const videosDir = join(stateDir, "videos");
    mkdirSync(videosDir);
    sandbox = await startSandbox({
      stateDir: join(stateDir, "state"),
      videosDir,
      worker: "instant",
      delays: { startMs: 40, onlineMs: 40, stopMs: 40, deliveryMs: 20, workerPollMs: 20, secondMs: 50 },
    });
    const config = { region: sandbox.region, credentials: sandbox.credentials, endpoint: sandbox.endpoints.aws };
    ec2 = new EC2Client(config);
    ssm = new SSMClient(config);
    id = sandbox.instanceId;
  });

  after(async () => {
    ec2.destroy();
    ssm.destroy();
    await sandbox.close();
  });

  afterEach(() => sandbox.faults.clear());

  const limits = { timeoutMs: HANG_MS, pollMs: 10, signal };
  const start = (withSsm = true) =>
    startInstances({ ec2, ...(withSsm && { ssm }), select: { ids: [id] }, capacityTimeoutMs: 0, ...limits });
  const stop = (more: Partial<StopInstancesOptions> = {}) =>
    stopInstances({ ec2, select: { ids: [id] }, wait: true, ...limits, ...more });
  const send = (request: Partial<SendScriptOptions> & { script: string }) =>
    sendScript({
      ssm,
      instanceIds: [id],
      executionTimeoutSeconds: 3600,
      deliveryTimeoutSeconds: 600,
      signal,
      ...request,
    });
  const follow = (commandId: string, more: Partial<FollowCommandOptions> = {}) =>
    followCommand({ ssm, commandId, instanceId: id, until: "ended", ...limits, ...more });
  /** Writes a script to the instance's home folder. Returns its path on a real machine. */
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(sandbox.instanceDir, "home", "ubuntu", name);
    await writeFile(file, text);
    await chmod(file, 0o755);
    return `/home/ubuntu/${name}`;
  };

  it("starts the instance, found by its tag, until its agent is Online", async () => {
    const notes: string[] = [];
    const { instanceIds, instances } = await startInstances({
      ec2,
      ssm,
      select: { tags: { Name: "lightly-worker" } },
      capacityTimeoutMs: 0,
      ...limits,
      onState: (_states, note) => notes.push(note),
    });
    assert.deepEqual(instanceIds, [id]);
    assert.deepEqual(
      instances.map(({ state, wasRunning }) => ({ state, wasRunning })),
      [{ state: "running", wasRunning: false }],
    );
    // The number of checks between two changes depends on the machine, but their order does not.
    const order = ["stopped", "start accepted", "pending", "running", "running, waiting for the SSM agent", "online"];
    assert.deepEqual(
      notes,
      order.filter((note) => notes.includes(note)),
    );
    assert.deepEqual([notes[0], notes[1], notes.at(-1)], ["stopped", "start accepted", "online"]);
  });

  it("reports it as running the second time", async () => {
    assert.equal((await start()).instances[0]?.wasRunning, true);
  });

  it("runs a script to its end, with arguments and variables that a shell would split", async () => {
    const script = await write(
      "it's a $(touch pwned) test.sh",
      `printf '%s|' "$@"\nprintf '%s' "$NASTY"\nprintf 'in %s' "$(basename "$PWD")" >&2\n`,
    );
    const args = ["a b", "$(touch pwned)", "`id`", "it's", "line\nline", "", "{{ssm:x}}"];
    const { commandId, instanceIds } = await send({
      script,
      args,
      environment: { NASTY: "\"'$HOME`id`\n*" },
      workingDirectory: "/home/ubuntu",
      comment: "a test",
    });
    assert.deepEqual(instanceIds, [id]);
    const report = await follow(commandId);
    assert.deepEqual(
      { status: report.status, exitCode: report.exitCode, stdout: report.stdout, stderr: report.stderr },
      { status: "Success", exitCode: 0, stdout: `${args.join("|")}|"'$HOME\`id\`\n*`, stderr: "in ubuntu" },
    );
    assert.ok(Date.parse(report.endedAt ?? "") >= Date.parse(report.startedAt ?? ""));
    await assert.rejects(readFile(join(sandbox.instanceDir, "home", "ubuntu", "pwned")));
  });

  it("returns when a script is running, and then detects its end, immediately after a wake-up", async () => {
    const go = join(sandbox.instanceDir, "home", "ubuntu", "go");
    const script = await write("wait.sh", "while [ ! -f go ]; do sleep 0.02; done; echo done\n");
    const { commandId } = await send({ script, workingDirectory: "/home/ubuntu" });
    const running = await follow(commandId, { until: "running" });
    assert.deepEqual([running.status, running.exitCode, running.stdout], ["InProgress", null, ""]);
    const wakeUp = new WakeUp();
    const end = follow(commandId, { pollMs: 60_000, timeoutMs: 120_000, wakeUp });
    await writeFile(go, "");
    const seen = await follow(commandId);
    wakeUp.now();
    assert.deepEqual(await end, seen);
    assert.equal(seen.stdout, "done\n");
  });

  it("reports a missing script", async () => {
    const { commandId } = await send({ script: "/home/ubuntu/none.sh" });
    const report = await follow(commandId);
    assert.deepEqual([report.status, report.exitCode], ["Failed", 127]);
    const error = commandError(report, "/home/ubuntu/none.sh");
    assert.equal(error.code, "SSM_COMMAND_FAILED");
    assert.match(error.message, /exit code 127 \(the script, or a command in it, was not found.*There is no script/s);
  });

  it("returns a script's exit code", async () => {
    const { commandId } = await send({ script: await write("fail.sh", "echo broken >&2\nexit 3\n") });
    const report = await follow(commandId);
    assert.deepEqual([report.status, report.exitCode, report.stderr], ["Failed", 3, "broken\n"]);
  });

  it("cancels a script and its processes", async () => {
    const script = await write("long.sh", "echo $$ > pid.new && mv pid.new pid\nsleep 60\n");
    const { commandId } = await send({ script, workingDirectory: "/home/ubuntu" });
    const pidFile = join(sandbox.instanceDir, "home", "ubuntu", "pid");
    await follow(commandId, { until: "running" });
    while (!existsSync(pidFile)) {
      await pause(5);
    }
    await cancelCommand({ ssm, commandId, instanceIds: [id] });
    const report = await follow(commandId);
    assert.equal(report.status, "Cancelled");
    assert.equal(commandError(report, script).code, "SSM_COMMAND_CANCELED");
    const pid = Number(await readFile(pidFile, "utf8"));
    assert.ok(pid > 1);
    assert.equal(isAlive(pid), false);
  });

  it("kills a script at its execution limit", async () => {
    const { commandId } = await send({ script: await write("endless.sh", "sleep 60\n"), executionTimeoutSeconds: 5 });
    const report = await follow(commandId);
    assert.deepEqual([report.status, report.statusDetails], ["TimedOut", "ExecutionTimedOut"]);
    assert.equal(commandError(report, "endless.sh").code, "SSM_COMMAND_TIMED_OUT");
  });

  it("follows a command during temporary failures, and finds it by its marker", async () => {
    const script = await write("count.sh", "echo once >> count\n");
    sandbox.faults.add({ service: "ssm", operation: "GetCommandInvocation", kind: "status", status: 500, times: 4 });
    const { commandId } = await send({ script, workingDirectory: "/home/ubuntu", marker: "marker-of-this-test" });
    await follow(commandId);
    assert.equal(await readFile(join(sandbox.instanceDir, "home", "ubuntu", "count"), "utf8"), "once\n");
    assert.deepEqual(await findCommand({ ssm, marker: "marker-of-this-test", instanceIds: [id], signal }), {
      commandId,
      instanceIds: [id],
    });
    assert.equal(await findCommand({ ssm, marker: "marker-of-none", instanceIds: [id], signal }), undefined);
  });

  it("writes the complete output to S3 if requested", async () => {
    const { commandId } = await send({
      script: await write("hello.sh", "echo hello\n"),
      output: { bucket: sandbox.buckets.output, prefix: "logs" },
    });
    assert.equal((await follow(commandId)).stdout, "hello\n");
    await assert.rejects(send({ script: "/x", output: { bucket: "no-such-bucket-here" } }), {
      code: "SSM_REQUEST_INVALID",
    });
  });

  it("stops the instance, and reports it as stopped the second time", async () => {
    const { instances } = await stop();
    assert.deepEqual(
      instances.map(({ state, wasStopped }) => ({ state, wasStopped })),
      [{ state: "stopped", wasStopped: false }],
    );
    assert.equal((await stop()).instances[0]?.wasStopped, true);
  });

  it("starts a stopping instance after it has stopped", async () => {
    await start(false);
    await stop({ wait: false });
    assert.equal((await start()).instances[0]?.state, "running");
    await stop();
  });

  it("stops an instance that can't hibernate, and reports that", async () => {
    await start(false);
    const { hibernated, instances } = await stop({ hibernate: true });
    assert.deepEqual([hibernated, instances[0]?.state], [false, "stopped"]);
  });

  it("fails when the instance falls back to stopped", async () => {
    sandbox.faults.startFailures = 1;
    await assert.rejects(start(), { code: "EC2_START_FAILED", message: /Client\.InternalError/ });
  });

  it("fails if there is no capacity with a limit of 0", async () => {
    sandbox.faults.capacityMissing = 3;
    await assert.rejects(start(), { code: "EC2_NO_CAPACITY" });
  });

  it("fails when the agent never comes Online", async () => {
    sandbox.faults.neverOnline = true;
    await assert.rejects(
      startInstances({ ec2, ssm, select: { ids: [id] }, capacityTimeoutMs: 0, ...limits, timeoutMs: 2000 }),
      { code: "SSM_NOT_ONLINE" },
    );
    await stop();
  });

  it("fails when there is no such instance", async () => {
    const select = { ids: ["i-0fedcba9876543210"] };
    await assert.rejects(startInstances({ ec2, select, capacityTimeoutMs: 0, ...limits }), {
      code: "EC2_INSTANCE_NOT_FOUND",
    });
    await assert.rejects(stop({ select }), { code: "EC2_INSTANCE_NOT_FOUND" });
  });

  it("distinguishes wrong keys from a missing instance", async () => {
    const stranger = new EC2Client({
      region: sandbox.region,
      endpoint: sandbox.endpoints.aws,
      credentials: { accessKeyId: "AKIAWRONG", secretAccessKey: "wrong" },
    });
    await assert.rejects(startInstances({ ec2: stranger, select: { ids: [id] }, capacityTimeoutMs: 0, ...limits }), {
      code: "AWS_CREDENTIALS_INVALID",
    });
    stranger.destroy();
  });

  it("does not stop or start a terminated instance", async () => {
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    assert.equal((await stop()).instances[0]?.wasStopped, true);
    await assert.rejects(start(), { code: "EC2_INSTANCE_TERMINATED" });
  });
});
