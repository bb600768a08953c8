import { join } from "node:path";
import { makeClips } from "lightly-aws-sandbox/clips";
import { CLIPS_DIR } from "../scripts/local/local-stack.ts";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import { watchRun } from "../scripts/local/run-watcher.ts";
import type { RunRecord } from "../src/runs/records/run-record.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startMeasured } from "./measured-node-red.ts";
import { directPipeline } from "./orchestration/direct-pipeline.ts";
import { startSandboxProcess } from "./sandbox-process.ts";

const REPETITIONS = 5;
const LIMIT_MS = 60_000;
const FLOW = join(PACKAGE_ROOT, "examples", "flows.json");

export const orchestration = {
  name: "orchestration",
  title: "the example flow against a sandbox without delays, from the trigger to the end of the stop step",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  await makeClips(CLIPS_DIR, { log: bench.say });
  const environment = await startSandboxProcess(bench, CLIPS_DIR);
  const first: number[] = [];
  const later: number[] = [];
  const direct: number[] = [];
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`round ${round} of ${REPETITIONS}`);
    const nodeRed = await startMeasured(bench, { name: "node-red", flow: FLOW, environment });
    first.push(await runFlow(bench, nodeRed.url));
    later.push(await runFlow(bench, nodeRed.url));
    await nodeRed.close();
    direct.push(await directPipeline(bench, environment));
  }
  return [
    { name: "first run of a Node-RED (it loads the SDK)", unit: "ms", values: first, goal: { most: 2000 } },
    { name: "second run", unit: "ms", values: later, goal: { most: 2000 } },
    { name: "the same requests one after the other, without Node-RED", unit: "ms", values: direct },
  ];
}

async function runFlow({ signal }: Bench, url: string): Promise<number> {
  const startedAt = Date.now();
  const response = await fetch(`${url}/lightly-pipeline`, { method: "POST", signal });
  const { runId } = (await response.json()) as { runId: string };
  const run = await watchRun({
    ...{ url, runId, lastStepType: "lightly-ec2-stop", limitMs: LIMIT_MS, signal },
    onStep: () => {},
  });
  if (run.error) {
    throw new Error(`The run failed: ${run.error.code}: ${run.error.message}`);
  }
  // Shows how the time is distributed.
  if (process.env.BENCH_STEPS) {
    console.log(stepTimes(run, startedAt));
  }
  return endOfStop(run) - startedAt;
}

function endOfStop({ steps }: RunRecord): number {
  const stop = steps.findLast(({ type }) => type === "lightly-ec2-stop");
  return stop?.endedAt ?? Number.NaN;
}

/** Start and end of each step, in milliseconds after the trigger. */
function stepTimes({ steps }: RunRecord, triggeredAt: number): string {
  return steps
    .map(
      ({ name, startedAt, endedAt = 0 }) =>
        `    ${name.padEnd(26)} ${startedAt - triggeredAt}..${endedAt - triggeredAt} ms`,
    )
    .join("\n");
}
