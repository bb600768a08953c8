import assert from "node:assert/strict";
import { EC2Client, StopInstancesCommand } from "@aws-sdk/client-ec2";
import type { RunRecord, StepRecord } from "../../../../src/records/run-record.ts";
import { readManifest, type StudioManifest } from "../../../../src/services/studio/studio-manifest.ts";
import { until } from "../../../nodes/support/until.ts";
import type { Setup } from "../../judge.ts";
import { LIMIT_MS, StudioFlow } from "./studio-flow.ts";
import type { StudioRuns } from "./studio-runs.ts";

interface Result {
  readonly runId: string;
  readonly manifest: string;
  readonly output: string;
}

/** What kills something, and what the run does afterwards. */
type Disturbance = (flow: StudioFlow) => Promise<void>;

/** *studio select* in a real Node-RED with the real LightlyStudio: whatever is killed, the run ends with the same frames. */
export async function judgeNode(setup: Setup, runs: StudioRuns): Promise<void> {
  const { tally, sandbox } = setup;
  const videos = ["a/clip.mp4", "b/clip.mp4"].map((key) => `s3://${sandbox.buckets.input}/raw/${key}`).join(", ");

  const manifestOf = async (run: RunRecord): Promise<StudioManifest> => {
    const { lightly } = (run.steps.findLast(isSelect)?.result ?? {}) as { lightly?: Result };
    assert.ok(lightly, run.error?.message ?? run.state);
    const { output, runId, manifest } = lightly;
    return readManifest((await runs.read(manifest)).toString("utf8"), { output, runId });
  };
  const framesOf = async (run: RunRecord) => (await manifestOf(run)).frames.map(({ uri: _uri, ...frame }) => frame);
  const isOff = (): boolean => sandbox.record.instances().every(({ state }) => state === "stopped");
  const processes = (): readonly number[] => sandbox.record.processes(sandbox.instanceId);

  /** Runs the flow with a disturbance. Nothing is left on the instance afterwards, and it is stopped. */
  async function run(dataset: string, disturb: Disturbance = async () => {}): Promise<RunRecord> {
    const flow = await StudioFlow.start(setup, dataset, videos);
    try {
      await flow.pressButton();
      await disturb(flow);
      const end = await flow.end();
      await until(isOff, LIMIT_MS);
      assert.deepEqual(processes(), []);
      return end;
    } finally {
      await flow.close();
    }
  }

  let expected: unknown;
  await tally.check("the node selects, lists the frames, and stops the instance", async () => {
    const calm = await run("node-calm");
    assert.equal(calm.state, "completed", calm.error?.message);
    expected = await framesOf(calm);
    assert.equal((await manifestOf(calm)).frames.length, 12);
    const { result } = calm.steps.find(({ type }) => type === "lightly-results") ?? {};
    assert.equal((result as { lightly: { selection: { count: number } } }).lightly.selection.count, 12);
  });

  const sameFrames = (what: string, dataset: string, disturb: Disturbance): Promise<void> =>
    tally.check(`${what}: the same frames, and nothing left running`, async () => {
      const disturbed = await run(dataset, disturb);
      assert.equal(disturbed.state, "completed", disturbed.error?.message);
      assert.deepEqual(await framesOf(disturbed), expected);
    });

  for (const phase of ["index", "export"] as const) {
    await sameFrames(
      `Node-RED is killed in the phase ${phase}, and started again`,
      `node-red-${phase}`,
      async (flow) => {
        await reached(phase, `node-red-${phase}`, flow);
        await flow.kill();
        await flow.restart();
      },
    );
    await sameFrames(
      `the script is killed in the phase ${phase}, and the run retried`,
      `script-${phase}`,
      async (flow) => {
        await reached(phase, `script-${phase}`, flow);
        await failAfter(flow, "STUDIO_SCRIPT_FAILED", async () => {
          for (const pid of processes()) {
            process.kill(pid, "SIGKILL");
          }
        });
      },
    );
  }
  await sameFrames("the instance is lost, and the run retried", "instance", async (flow) => {
    await reached("index", "instance", flow);
    const { region, credentials, endpoints } = sandbox;
    const ec2 = new EC2Client({ region, credentials, endpoint: endpoints.aws });
    await failAfter(flow, "EC2_INSTANCE_LOST", () =>
      ec2.send(new StopInstancesCommand({ InstanceIds: [sandbox.instanceId], Force: true })),
    );
    ec2.destroy();
  });

  /** Resolves when the script, which still runs, has written the first object of a phase. */
  async function reached(phase: keyof typeof PHASES, dataset: string, { runId }: StudioFlow): Promise<void> {
    const written = PHASES[phase](dataset, runId);
    await until(
      async () => (await sandbox.record.objects(sandbox.buckets.output)).some(({ key }) => written.test(key)),
      LIMIT_MS,
    );
    assert.ok(processes().length > 0, "The script has ended before it was killed.");
  }

  /** Waits until the disturbed run has failed and its instance is stopped, and retries it. */
  async function failAfter(flow: StudioFlow, code: string, act: () => Promise<unknown>): Promise<void> {
    await act();
    const failed = await flow.end();
    assert.equal(failed.error?.code, code, failed.error?.message);
    await until(isOff, LIMIT_MS);
    await flow.retry();
  }
}

function isSelect({ type }: StepRecord): boolean {
  return type === "lightly-studio-select";
}

/** The keys of what the script writes first in a phase. */
const PHASES = {
  index: (dataset: string, _runId: string) => new RegExp(`/${dataset}/lease\\.json$`),
  export: (_dataset: string, runId: string) => new RegExp(`/${runId}[^/]*/frames/`),
} as const;
