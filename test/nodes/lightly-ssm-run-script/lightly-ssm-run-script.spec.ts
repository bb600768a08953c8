import { deepEqual, equal, match } from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { SsmResult } from "../../../src/nodes/lightly-ssm-run-script/ssm-result.ts";
import { runs } from "../../../src/runs/run-registry.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { stopInstances } from "../../../src/services/ec2/stop-instances.ts";
import { HANG_MS } from "../../support/limits.ts";
import { loadFlow, result, type TestFlow, useNodeRed } from "../support/flow.ts";
import { useSandbox } from "../support/sandbox.ts";

const ID = "i-0123456789abcdef0";
const step = {
  type: "lightly-ssm-run-script",
  account: "aws",
  instanceIds: "ec2.instanceIds",
  instanceIdsType: "msg",
  script: "script",
  scriptType: "msg",
  args: "[]",
  argsType: "json",
  waitFor: "running",
  pollSeconds: "0.02",
};
const ended = { ...step, waitFor: "ended" };

describe("the lightly-ssm-run-script node", () => {
  useNodeRed();
  const local = useSandbox();
  const wait = { timeoutMs: HANG_MS, pollMs: 20, signal: new AbortController().signal };

  before(async () => {
    const { region, credentials, endpoints } = local.sandbox;
    const client = { region, credentials, endpoint: endpoints.aws };
    await startInstances({
      ec2: new EC2Client(client),
      ssm: new SSMClient(client),
      select: { ids: [ID] },
      capacityTimeoutMs: 0,
      ...wait,
    });
  });

  /** Writes a script to the home folder of the instance, and returns its path. */
  async function scriptOf(name: string, ...lines: string[]): Promise<string> {
    const home = join(local.sandbox.instanceDir, "home", "ubuntu");
    await mkdir(home, { recursive: true });
    await writeFile(join(home, name), `${lines.join("\n")}\n`);
    return `/home/ubuntu/${name}`;
  }

  async function run(options: typeof step, msg: Record<string, unknown>): Promise<TestFlow> {
    const flow = await loadFlow({ step: options, outputs: 2, ...local.accounts });
    flow.receive({ ec2: { instanceIds: [ID] }, ...msg });
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    return flow;
  }

  it("sends when the script is running, and reports its end with exit code and output on the second output", async () => {
    const script = await scriptOf("run.sh", "echo hello", "echo trouble >&2", "sleep 0.3");
    const flow = await run(step, { script, topic: "kept" });
    equal(result<SsmResult>(flow, "ssm").status, "InProgress");
    const end = result<SsmResult>(flow, "ssm", 1);
    equal(end.status, "Success");
    equal(end.exitCode, 0);
    equal(end.stdout.trim(), "hello");
    equal(end.stderr.trim(), "trouble");
    equal(end.commandId, result<SsmResult>(flow, "ssm").commandId);
    equal(flow.sent[1]?.[0]?.topic, "kept");
  });

  it("passes arguments and variables unchanged, with any characters", async () => {
    const script = await scriptOf("with space.sh", `printf '%s|' "$@" "$GREETING" > "$HOME/said"`);
    const nasty = ["$(touch pwned)", "it's", 'a "b"', "two\nlines", "`id`"];
    const flow = await run(
      { ...ended, args: JSON.stringify(nasty), environment: [{ name: "GREETING", value: "$(id)" }] } as typeof step,
      { script },
    );
    deepEqual(flow.caught, []);
    equal(
      await readFile(join(local.sandbox.instanceDir, "home/ubuntu/said"), "utf8"),
      [...nasty, "$(id)", ""].join("|"),
    );
  });

  it("fails with the exit code and the end of the script's output if it waits for the end", async () => {
    const script = await scriptOf("bad.sh", "echo 'no GPU found' >&2", "exit 3");
    const flow = await run(ended, { script });
    equal(flow.caught.length, 1);
    equal(flow.caught[0]?.error.code, "SSM_COMMAND_FAILED");
    match(flow.caught[0]?.error.message ?? "", /3.*no GPU found/s);
    deepEqual(flow.sent[0], []);
    equal(result<SsmResult>(flow, "ssm", 1).exitCode, 3);
  });

  it("reports a script with Windows line endings, and how to convert it", async () => {
    const script = await scriptOf("windows.sh", "#!/bin/bash\r", "echo hello\r");
    const flow = await run(ended, { script });
    equal(flow.caught[0]?.error.code, "SSM_COMMAND_FAILED");
    match(
      flow.caught[0]?.error.message ?? "",
      /Windows line endings \(CRLF\).*sed -i 's\/\\r\$\/\/' \/home\/ubuntu\/windows\.sh/,
    );
  });

  it("reports at the start where the output is stored, and at the end whether AWS has truncated it", async () => {
    const script = await scriptOf("loud.sh", "head -c 30000 /dev/zero | tr '\\0' a", "sleep 0.2");
    const outputBucket = local.sandbox.buckets.output;
    const flow = await run({ ...step, logGroup: "/my/group", outputBucket, outputPrefix: "ssm" } as typeof step, {
      script,
    });
    const running = result<SsmResult>(flow, "ssm");
    const stdoutLogStream = `${running.commandId}/${ID}/aws-runShellScript/stdout`;
    deepEqual([running.logGroup, running.stdoutLogStream], ["/my/group", stdoutLogStream]);
    const end = result<SsmResult>(flow, "ssm", 1);
    const stdoutUri = `s3://${outputBucket}/ssm/${end.commandId}/${ID}/awsrunShellScript/0.awsrunShellScript/stdout`;
    deepEqual(
      [end.stdoutTruncated, end.stderrTruncated, end.stdoutUri, end.logGroup, end.stdoutLogStream],
      [true, false, stdoutUri, "/my/group", stdoutLogStream],
    );
    const [record] = runs.find(String(flow.sent[1]?.[0]?._msgid)).steps;
    equal((record?.result?.ssm as SsmResult | undefined)?.stdoutTruncated, true);
    match(record?.log?.at(-1)?.text ?? "", new RegExp(`cut off the stdout .*${stdoutUri}`));
    equal(record?.checkpoint?.logGroup, "/my/group");
  });

  it("reports a missing script once, to Catch", async () => {
    const flow = await run(step, { script: "/home/ubuntu/missing.sh" });
    equal(flow.caught.length, 1);
    equal(flow.caught[0]?.error.code, "SSM_COMMAND_FAILED");
    match(flow.caught[0]?.error.message ?? "", /missing\.sh/);
  });

  it("does not fail for a failed worker if another step waits for its run", async () => {
    const script = await scriptOf("worker.sh", "exit 9");
    const selecting = runs.begin("judged", {
      nodeId: "x",
      type: "lightly-run",
      role: "select",
      name: "select",
      alwaysRuns: false,
    });
    selecting.events.emit({ kind: "selection", state: "awaited" });
    const flow = await run(step, { script, runId: "judged" });
    deepEqual(flow.caught, []);
    equal(result<SsmResult>(flow, "ssm", 1).exitCode, 9);
    equal(selecting.events.latest("command-ended")?.succeeded, false);
    match(selecting.events.latest("command-ended")?.summary ?? "", /9/);
    selecting.complete({});
  });

  it("cancels the command when another step of the run fails, and does not reach Catch for it", async () => {
    const script = await scriptOf("long.sh", "sleep 60");
    const flow = await loadFlow({ step, outputs: 2, ...local.accounts });
    flow.receive({ ec2: { instanceIds: [ID] }, script, runId: "failing upload" });
    await flow.until(() => (flow.sent[0]?.length ?? 0) > 0);
    const sibling = runs.begin("failing upload", {
      nodeId: "y",
      type: "lightly-s3-upload",
      role: "upload",
      name: "upload",
      alwaysRuns: false,
    });
    const { PipelineError } = await import("../../../src/errors/pipeline-error.ts");
    sibling.fail(new PipelineError("S3_ACCESS_DENIED", "No."));
    await flow.until(() => flow.statuses.at(-1)?.fill === "grey");
    deepEqual(flow.caught, []);
    deepEqual(flow.completed, []);
    equal(runs.get("failing upload")?.error?.code, "S3_ACCESS_DENIED");
  });

  it("does not report success for a script whose instance was stopped", async () => {
    const script = await scriptOf("stopped.sh", "sleep 60");
    const flow = await loadFlow({ step: ended, outputs: 2, ...local.accounts });
    flow.receive({ ec2: { instanceIds: [ID] }, script, runId: "stopped by another" });
    await flow.until(() => flow.statuses.at(-1)?.text.endsWith("running") === true);
    const stopping = runs.begin("another", {
      nodeId: "z",
      type: "lightly-ec2-stop",
      role: "stop",
      name: "stop",
      alwaysRuns: true,
    });
    stopping.broadcast({ kind: "instances-stopping", instanceIds: [ID] });
    stopping.broadcast({ kind: "instances-stopped", instanceIds: [ID] });
    stopping.complete({});
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    equal(result<SsmResult>(flow, "ssm", 1).status, "Cancelled");
    deepEqual(flow.sent[0], []);
  });

  it("ends without a failure when the run stops the instance of its script", async () => {
    const script = await scriptOf("until-stopped.sh", "sleep 60");
    const flow = await loadFlow({ step, outputs: 2, ...local.accounts });
    flow.receive({ ec2: { instanceIds: [ID] }, script, runId: "stopping" });
    await flow.until(() => (flow.sent[0]?.length ?? 0) > 0);
    const { region, credentials, endpoints } = local.sandbox;
    const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    const stopping = runs.begin("stopping", {
      nodeId: "z",
      type: "lightly-ec2-stop",
      role: "stop",
      name: "stop",
      alwaysRuns: true,
    });
    const onFound = async (): Promise<void> => {
      stopping.events.emit({ kind: "instances-stopping", instanceIds: [ID] });
    };
    await stopInstances({ ec2, select: { ids: [ID] }, wait: true, onFound, ...wait });
    stopping.events.emit({ kind: "instances-stopped", instanceIds: [ID] });
    stopping.complete({});
    await flow.until(() => flow.completed.length + flow.caught.length > 0);
    deepEqual(flow.caught, []);
    equal(runs.get("stopping")?.state, "completed");
    ec2.destroy();
  });
});
