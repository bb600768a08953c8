import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeClips } from "lightly-aws-sandbox/clips";
import { CLIPS_DIR } from "../scripts/local/local-stack.ts";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import { watchRun } from "../scripts/local/run-watcher.ts";
import type { RunRecord } from "../src/records/run-record.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startMeasured } from "./measured-node-red.ts";
import { dagsterPython, type PeerRun, warmDagsterRun } from "./orchestration/dagster.ts";
import type { RequestsOf } from "./orchestration/direct-pipeline.ts";
import { directRun } from "./orchestration/direct-process.ts";
import { withResidentWorker } from "./orchestration/resident-worker.ts";
import { processorMs } from "./process-cpu.ts";
import { startSandboxProcess } from "./sandbox-process.ts";
import { summarize } from "./table.ts";

const REPETITIONS = 11;
const LIMIT_MS = 180_000;
/** The record of a run has the time of its end. To look at it during the run would take Node-RED's processor. */
const UNWATCHED_MS = 700;
export const FLOW = join(PACKAGE_ROOT, "examples", "flows.json");

export const orchestration = {
  name: "orchestration",
  title:
    "the example flow against a sandbox without delays and with a resident worker, from the trigger to the end of the stop step",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  await makeClips(CLIPS_DIR, { log: bench.say });
  const environment = withResidentWorker(bench, await startSandboxProcess(bench, CLIPS_DIR));
  const first: number[] = [];
  const later: number[] = [];
  const direct = { tutorial: [] as number[], package: [] as number[] };
  const processor: number[] = [];
  const dagster: PeerRun[] = [];
  const python = await dagsterPython();
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`round ${round} of ${REPETITIONS}`);
    const nodeRed = await startMeasured(bench, { name: "node-red", flow: FLOW, environment });
    first.push(await runFlow(bench, nodeRed.url));
    const before = await processorMs(nodeRed.start.pid);
    later.push(await runFlow(bench, nodeRed.url));
    const after = await processorMs(nodeRed.start.pid);
    processor.push(...(before === undefined || after === undefined ? [] : [after - before]));
    await nodeRed.close();
    for (const whose of ["tutorial", "package"] as const) {
      direct[whose].push(await directRun(bench, environment, whose));
    }
    if (python !== undefined) {
      dagster.push(await warmDagsterRun(bench, python, environment));
    }
  }
  return [
    { name: "first run of a Node-RED (it loads the SDK)", unit: "ms", values: first, goal: { most: 2000 } },
    { name: "second run", unit: "ms", values: later, goal: { most: 2000 } },
    { name: "only the requests of the tutorial, second time", unit: "ms", values: direct.tutorial },
    { name: "only the requests of this package, second time", unit: "ms", values: direct.package },
    ...(processor.length > 0 ? [{ name: "second run: processor time", unit: "ms", values: processor } as const] : []),
    ...(dagster.length > 0 ? besideDagster({ later, direct, processor, dagster }) : []),
  ];
}

/** The time of the services themselves is subtracted: from each pipeline that of its own requests, sent directly. */
function besideDagster(measured: {
  readonly later: readonly number[];
  readonly direct: Readonly<Record<RequestsOf, readonly number[]>>;
  readonly processor: readonly number[];
  readonly dagster: readonly PeerRun[];
}): Figure[] {
  const { later, direct, processor, dagster } = measured;
  const share = (part: number, of: number): number[] => [(100 * part) / of];
  const wall = dagster.map(({ wallMs }) => wallMs);
  const cpu = dagster.map(({ processorMs: ms }) => ms);
  return [
    { name: "Dagster in one process, second run", unit: "ms", values: wall },
    { name: "Dagster: processor time", unit: "ms", values: cpu },
    {
      name: "second run beyond its requests: share of Dagster's beyond its own",
      unit: "%",
      values: share(median(later) - median(direct.package), median(wall) - median(direct.tutorial)),
      goal: { most: 25 },
    },
    ...(processor.length > 0
      ? ([
          {
            name: "processor time: share of Dagster's",
            unit: "%",
            values: share(median(processor), median(cpu)),
            goal: { most: 100 },
          },
        ] as const)
      : []),
  ];
}

function median(values: readonly number[]): number {
  return summarize(values).median;
}

export async function runFlow({ signal }: Bench, url: string): Promise<number> {
  const startedAt = Date.now();
  const response = await fetch(`${url}/lightly-pipeline`, { method: "POST", signal });
  const { runId } = (await response.json()) as { runId: string };
  await pause(UNWATCHED_MS, undefined, { signal });
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
