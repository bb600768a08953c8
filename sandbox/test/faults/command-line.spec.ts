import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { EC2Client, StartInstancesCommand } from "@aws-sdk/client-ec2";
import { SendCommandCommand, SSMClient } from "@aws-sdk/client-ssm";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { eventually, isAlive, numberIn } from "../instances/running-sandbox.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

describe("The sandbox's command line", () => {
  const children: ChildProcess[] = [];
  const folder = temporaryFolder();
  before(() => {
    mkdirSync(join(folder, "videos"));
  });
  after(() => {
    for (const child of children) {
      child.kill("SIGKILL");
    }
  });

  function sandbox(...args: string[]): { child: ChildProcess; stdout: () => string; stderr: () => string } {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(child);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => {
      stdout += text;
    });
    child.stderr.on("data", (text: Buffer) => {
      stderr += text;
    });
    return { child, stdout: () => stdout, stderr: () => stderr };
  }

  async function fails(...args: string[]): Promise<string> {
    const run = sandbox(...args);
    const [code] = await once(run.child, "close");
    assert.equal(code, 1);
    return run.stderr();
  }

  it("has a help, and refuses unknown options", async () => {
    const help = sandbox("--help");
    await once(help.child, "close");
    assert.match(help.stdout(), /--fault never-online/);
    assert.match(await fails("--delay", "soon=1"), /--delay soon=1/);
    assert.match(await fails("--aws-port", "http"), /--aws-port must be a port number/);
    assert.match(await fails("--fault", "nonsense"), /not a valid service of a fault/);
    assert.match(
      await fails("--state", join(folder, "videos", ".."), "--wipe"),
      /is not the state directory of a sandbox/,
    );
  });

  /** Starts it without delays on free ports. Resolves when it has printed its variables. */
  async function started(state: string) {
    const ports = ["--aws-port", "0", "--lightly-port", "0", "--pexels-port", "0"];
    const delays = ["start", "online", "stop", "delivery"].flatMap((name) => ["--delay", `${name}=10`]);
    const run = sandbox("--state", state, "--videos", join(folder, "videos"), ...ports, ...delays);
    await eventually("the variables", () => run.stdout().includes("PIPELINE_EXTERNAL_ID="));
    const variables = Object.fromEntries(
      [...run.stdout().matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
    );
    return { ...run, variables };
  }

  /** Starts the instance with a process that keeps running. Resolves with the process id. */
  async function occupy(state: string, variables: Record<string, string>): Promise<number> {
    const config = {
      region: variables.AWS_REGION ?? "",
      endpoint: variables.AWS_ENDPOINT_URL ?? "",
      credentials: {
        accessKeyId: variables.AWS_ACCESS_KEY_ID ?? "",
        secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? "",
      },
      maxAttempts: 1,
    };
    const InstanceIds = [variables.PIPELINE_INSTANCE_ID ?? ""];
    const ec2 = new EC2Client(config);
    await ec2.send(new StartInstancesCommand({ InstanceIds }));
    const ssm = new SSMClient(config);
    const commands = ["setsid nohup sleep 600 >/dev/null 2>&1 </dev/null & echo $! > '/home/ubuntu/pid'"];
    const send = new SendCommandCommand({ InstanceIds, DocumentName: "AWS-RunShellScript", Parameters: { commands } });
    await eventually("the agent", () => ssm.send(send).catch(() => undefined));
    const file = join(state, "instances", InstanceIds[0] ?? "", "home/ubuntu/pid");
    const pid = await eventually("the process", () => numberIn(file));
    ec2.destroy();
    ssm.destroy();
    assert.ok(isAlive(pid));
    return pid;
  }

  it("prints the variables for Node-RED, and ends all of its processes", async () => {
    // The folder's name has a space: the script must find its home nevertheless.
    const state = join(folder, "my state");
    const { child, variables } = await started(state);
    const pid = await occupy(state, variables);
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    // A killed process exists until its parent has read its exit code.
    await eventually("the end of the process", async () => !isAlive(pid) || undefined);
  });

  it("treats a Ctrl-C that arrives twice as one, because npm forwards it in addition to the terminal", async () => {
    const state = join(folder, "interrupted");
    const { child, variables } = await started(state);
    const pid = await occupy(state, variables);
    child.kill("SIGINT");
    await pause(5);
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.ok(!isAlive(pid));
  });

  it("cleans up after a killed sandbox, and wipes on request", async () => {
    const state = join(folder, "state");
    const first = await started(state);
    const pid = await occupy(state, first.variables);
    assert.match(await fails("--state", state, "--wipe"), /already uses/);
    first.child.kill("SIGKILL");
    await once(first.child, "close");
    assert.ok(isAlive(pid));
    const second = await started(state);
    assert.ok(!isAlive(pid));
    assert.equal(second.variables.LIGHTLY_TOKEN, first.variables.LIGHTLY_TOKEN);
    second.child.kill("SIGINT");
    await once(second.child, "close");
    const wiped = sandbox(
      "--state",
      state,
      "--wipe",
      "--videos",
      join(folder, "videos"),
      "--aws-port",
      "0",
      "--lightly-port",
      "0",
      "--pexels-port",
      "0",
    );
    await eventually("the variables", () => wiped.stdout().includes("LIGHTLY_TOKEN="));
    assert.ok(!wiped.stdout().includes(first.variables.LIGHTLY_TOKEN ?? "none"));
    wiped.child.kill("SIGTERM");
    await once(wiped.child, "close");
  });
});
