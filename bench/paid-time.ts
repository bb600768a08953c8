import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeClips } from "lightly-aws-sandbox/clips";
import { CLIPS_DIR } from "../scripts/local/local-stack.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startMeasured } from "./measured-node-red.ts";
import { FLOW, runFlow } from "./orchestration.ts";
import { type PaidTime, paidTime, readEvents } from "./paid-time/paid-time.ts";
import { flowWithEarlyStart, largeVideo, slowParts } from "./paid-time/slow-upload.ts";
import { tutorialPipeline } from "./paid-time/tutorial-pipeline.ts";
import { startSandboxProcess } from "./sandbox-process.ts";

const REPETITIONS = 3;
/** The instance is ready 18 s after the request, so that the tutorial's wait of 20 s is just long enough. */
const DELAYS = { start: 6000, online: 12_000, stop: 5000, delivery: 1000, workerPoll: 1000 };

/** With four parts at a time, the upload takes at least 30 s: longer than the start of the instance. */
const PART_MS = 6000;

export const paidTimeOfRun = {
  name: "paid-time",
  title: "paid time of the instance per run of the example flow, with delays: boot 6 s, agent 12 s, command 1 s",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  await makeClips(CLIPS_DIR, { log: bench.say });
  const videos = await largeVideo(join(bench.folder, "videos"), CLIPS_DIR);
  const environment = await startSandboxProcess(bench, videos, { delays: DELAYS });
  await slowParts(environment.AWS_ENDPOINT_URL ?? "", PART_MS);
  const early = await flowWithEarlyStart(join(bench.folder, "early.json"), FLOW);
  const late: PaidRun[] = [];
  const beside: PaidRun[] = [];
  const tutorial: PaidRun[] = [];
  const nodeRed = await startMeasured(bench, { name: "late", flow: FLOW, environment });
  const earlyNodeRed = await startMeasured(bench, { name: "early", flow: early, environment });
  const run = (url: string) => timed(bench, environment, async () => void (await runFlow(bench, url)));
  bench.say("the first early run, which learns how long a start takes");
  await run(earlyNodeRed.url);
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`round ${round} of ${REPETITIONS}`);
    late.push(await run(nodeRed.url));
    beside.push(await run(earlyNodeRed.url));
    tutorial.push(await timed(bench, environment, () => tutorialPipeline(bench, environment)));
  }
  const idleOf = (all: readonly PaidRun[]): number[] => all.map(({ idle }) => idle);
  const shares = idleOf(late).map((seconds, round) => (100 * seconds) / (tutorial[round]?.idle ?? Number.NaN));
  return [
    { name: "start after the upload: paid", unit: "s", values: late.map(({ paid }) => paid) },
    {
      name: "of it the agent's own time, and the delivery of the script",
      unit: "s",
      values: late.map((one) => one.ofAgent),
    },
    { name: "of it idle", unit: "s", values: idleOf(late) },
    { name: "from the trigger until the instance is stopped", unit: "s", values: late.map(({ seconds }) => seconds) },
    { name: "start before the upload ends: paid", unit: "s", values: beside.map(({ paid }) => paid) },
    { name: "of it idle", unit: "s", values: idleOf(beside) },
    { name: "from the trigger until the instance is stopped", unit: "s", values: beside.map(({ seconds }) => seconds) },
    { name: "the tutorial's waits, with a stop that works: paid", unit: "s", values: tutorial.map(({ paid }) => paid) },
    { name: "of it idle", unit: "s", values: idleOf(tutorial) },
    { name: "idle after a late start: share of the tutorial's", unit: "%", values: shares, goal: { most: 10 } },
  ];
}

/** The paid time of a run, and how long the run took. */
interface PaidRun extends PaidTime {
  readonly seconds: number;
}

/** Runs a pipeline, and reads from the sandbox what its instance has cost. */
async function timed(
  { signal }: Bench,
  { AWS_ENDPOINT_URL: endpoint = "" }: Readonly<Record<string, string>>,
  run: () => Promise<void>,
): Promise<PaidRun> {
  const before = (await readEvents(endpoint)).at(-1)?.id ?? 0;
  const startedAt = performance.now();
  await run();
  const isStopped = async (): Promise<boolean> =>
    (await readEvents(endpoint, before)).some(({ kind, state }) => kind === "instance" && state === "stopped");
  while (!(await isStopped())) {
    await pause(200, undefined, { signal });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { ...paidTime(await readEvents(endpoint, before)), seconds };
}
