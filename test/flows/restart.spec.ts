import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeClips } from "../../sandbox/src/clips/make-clips.ts";
import { type Sandbox, startSandbox } from "../../sandbox/src/start-sandbox.ts";
import { freePort } from "../../scripts/local/free-port.ts";
import { instanceState } from "../../scripts/local/instance-state.ts";
import { type NodeRedProcess, PACKAGE_ROOT, startNodeRed } from "../../scripts/local/node-red-process.ts";
import type { RunRecord } from "../../src/runs/run-record.ts";
import { stepOf } from "./support/pipeline.ts";

const CLIPS = join(PACKAGE_ROOT, ".sandbox", "clips");
const LIMIT_MS = 30_000;

describe("a Node-RED that is ended in the middle of a run and started again", function () {
  this.timeout(120_000);
  let stateDir: string;
  let sandbox: Sandbox;
  let nodeRed: NodeRedProcess | undefined;
  let log: string[] = [];

  before(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "restart-"));
    await makeClips(CLIPS, () => {});
    sandbox = await startSandbox({
      stateDir: join(stateDir, "sandbox"),
      videosDir: CLIPS,
      ports: { aws: 0, lightly: 0, pexels: 0 },
      delays: { startMs: 0, onlineMs: 0, stopMs: 0, deliveryMs: 0, workerPollMs: 50 },
      worker: "instant",
    });
  });
  beforeEach(() => {
    sandbox.faults.runNeverEnds = true;
  });
  afterEach(async () => {
    sandbox.faults.clear();
    await nodeRed?.close();
  });
  after(async () => {
    await sandbox?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  const start = async (name: string, settings?: string): Promise<NodeRedProcess> => {
    log = [];
    const lines = log;
    nodeRed = await startNodeRed({
      userDir: join(stateDir, name),
      port: await freePort(),
      flow: join(PACKAGE_ROOT, "examples", "flows.json"),
      environment: sandbox.environment,
      onLog: (line) => lines.push(line),
      ...(settings === undefined ? {} : { settings }),
    });
    return nodeRed;
  };

  /** Triggers the example and waits until the worker has the selection in hand. */
  const untilSelecting = async ({ url }: NodeRedProcess): Promise<RunRecord> => {
    const response = await fetch(`${url}/lightly-pipeline`, { method: "POST" });
    const { runId } = (await response.json()) as { runId: string };
    const deadline = Date.now() + LIMIT_MS;
    while (Date.now() < deadline) {
      const run = (await (await fetch(`${url}/lightly-aws/runs/${runId}`)).json()) as RunRecord;
      const isRunning = run.steps?.some(({ type, progress }) => type.endsWith("ssm-run-script") && progress?.state);
      if (isRunning && stepOf(run, "lightly-lightly-run")?.checkpoint?.scheduledRunId) {
        return run;
      }
      await pause(20);
    }
    throw new Error(`The worker has not begun:\n${log.join("\n")}`);
  };
  const runsOf = async ({ url }: NodeRedProcess): Promise<RunRecord[]> =>
    (await (await fetch(`${url}/lightly-aws/runs`)).json()) as RunRecord[];
  const warnings = (): string[] => log.filter((line) => line.includes("[warn]") && line.includes("interrupted"));
  const statesOf = ({ steps }: RunRecord): Record<string, string> =>
    Object.fromEntries(steps.map(({ type, state }) => [type.replace("lightly-", ""), state]));

  it("lists the run as interrupted after a kill, and warns once of the instance that still runs", async () => {
    const first = await start("killed");
    const before = await untilSelecting(first);
    await first.kill();

    const second = await start("killed");
    const [run, ...others] = await runsOf(second);
    deepEqual(others, []);
    equal(run?.runId, before.runId);
    equal(run?.state, "interrupted");
    deepEqual(statesOf(run as RunRecord), {
      "pexels-download": "completed",
      "s3-upload": "completed",
      "ec2-start": "completed",
      "ssm-run-script": "interrupted",
      "lightly-run": "interrupted",
    });
    deepEqual(
      stepOf(run as RunRecord, "lightly-lightly-run")?.checkpoint,
      stepOf(before, "lightly-lightly-run")?.checkpoint,
    );
    deepEqual(
      Object.fromEntries(
        (run?.steps ?? []).map(({ type, checkpoint }) => [type.replace("lightly-", ""), Object.keys(checkpoint ?? {})]),
      ),
      {
        "pexels-download": ["videoId"],
        "s3-upload": ["bucket", "key"],
        "ec2-start": ["instanceIds"],
        "ssm-run-script": ["commandId", "instanceIds"],
        "lightly-run": ["datasetId", "configId", "scheduledRunId"],
      },
    );
    equal(await instanceState(sandbox), "running", "the warning is true");
    equal(warnings().length, 1);
    match(
      warnings()[0] ?? "",
      new RegExp(`${before.runId} was interrupted.*may still be running.*${sandbox.instanceId}`),
    );

    await second.kill();
    const third = await start("killed");
    equal((await runsOf(third))[0]?.state, "interrupted");
    deepEqual(warnings(), [], "nobody is told twice");
  });

  it("keeps no secret of theirs on the disk", async () => {
    const folder = join(stateDir, "killed", "lightly-aws", "runs");
    const files = await readdir(folder);
    ok(files.some((name) => name.endsWith(".json")));
    for (const name of files) {
      const text = await readFile(join(folder, name), "utf8");
      for (const secret of [sandbox.token, sandbox.credentials.secretAccessKey, sandbox.pexelsKey]) {
        equal(text.includes(secret), false, name);
      }
    }
  });

  it("lists the run as interrupted after an orderly end too, in the folder that the settings name", async () => {
    const settings = `lightlyAwsRunsDir: "elsewhere",`;
    const first = await start("stopped", settings);
    const { runId } = await untilSelecting(first);
    await first.close();
    ok(log.some((line) => line.includes("Stopped flows")));
    equal((await readdir(join(stateDir, "stopped", "elsewhere"))).length, 1);

    const second = await start("stopped", settings);
    const [run] = await runsOf(second);
    deepEqual([run?.runId, run?.state], [runId, "interrupted"]);
    match(warnings().join(), new RegExp(`${runId}.*${sandbox.instanceId}`));
  });

  it("starts all the same when a file of its runs is damaged, and runs the pipeline", async () => {
    const folder = join(stateDir, "killed", "lightly-aws", "runs");
    const [name = ""] = (await readdir(folder)).filter((file) => file.endsWith(".json"));
    await writeFile(join(folder, name), '{"version":1,"runId":"torn');
    const third = await start("killed");
    deepEqual(await runsOf(third), []);
    match(log.join("\n"), /\[warn\].*set aside as \*\.damaged/);
    const run = await untilSelecting(third);
    equal(run.state, "running");
  });
});
