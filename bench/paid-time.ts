import { setTimeout as pause } from "node:timers/promises";
import { makeClips } from "lightly-aws-sandbox/clips";
import { CLIPS_DIR } from "../scripts/local/local-stack.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startMeasured } from "./measured-node-red.ts";
import { FLOW, runFlow } from "./orchestration.ts";
import { type PaidTime, paidTime, readEvents } from "./paid-time/paid-time.ts";
import { tutorialPipeline } from "./paid-time/tutorial-pipeline.ts";
import { startSandboxProcess } from "./sandbox-process.ts";

const REPETITIONS = 3;
/** The instance is ready 18 s after the request, so that the tutorial's wait of 20 s is just long enough. */
const DELAYS = { start: 6000, online: 12_000, stop: 5000, delivery: 1000, workerPoll: 1000 };

export const paidTimeOfRun = {
  name: "paid-time",
  title:
    "paid time of the instance per run of the example flow, with delays as on AWS: boot 6 s, agent 12 s, command 1 s",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  await makeClips(CLIPS_DIR, { log: bench.say });
  const environment = await startSandboxProcess(bench, CLIPS_DIR, { delays: DELAYS, worker: "stand-in" });
  const nodeRed = await startMeasured(bench, { name: "node-red", flow: FLOW, environment });
  const ours: PaidTime[] = [];
  const tutorial: PaidTime[] = [];
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`round ${round} of ${REPETITIONS}`);
    ours.push(await timed(bench, environment, async () => void (await runFlow(bench, nodeRed.url))));
    tutorial.push(await timed(bench, environment, () => tutorialPipeline(bench, environment)));
  }
  const [idle, idleOfTutorial] = [ours, tutorial].map((all) => all.map((one) => one.idle)) as [number[], number[]];
  const shares = idle.map((seconds, round) => (100 * seconds) / (idleOfTutorial[round] ?? Number.NaN));
  return [
    { name: "paid in all", unit: "s", values: ours.map(({ paid }) => paid) },
    {
      name: "of it the agent's own time, and the delivery of the script",
      unit: "s",
      values: ours.map(({ ofAgent }) => ofAgent),
    },
    { name: "of it work", unit: "s", values: ours.map(({ working }) => working) },
    { name: "of it idle", unit: "s", values: idle },
    {
      name: "paid in all, the tutorial's waits with a stop that works",
      unit: "s",
      values: tutorial.map(({ paid }) => paid),
    },
    { name: "of it idle, the tutorial's waits", unit: "s", values: idleOfTutorial },
    { name: "idle, compared with the tutorial's waits", unit: "%", values: shares, goal: { most: 10 } },
  ];
}

/** Runs a pipeline, and reads from the sandbox what its instance has cost. */
async function timed(
  { signal }: Bench,
  { AWS_ENDPOINT_URL: endpoint = "" }: Readonly<Record<string, string>>,
  run: () => Promise<void>,
): Promise<PaidTime> {
  const before = (await readEvents(endpoint)).at(-1)?.id ?? 0;
  await run();
  const isStopped = async (): Promise<boolean> =>
    (await readEvents(endpoint, before)).some(({ kind, state }) => kind === "instance" && state === "stopped");
  while (!(await isStopped())) {
    await pause(200, undefined, { signal });
  }
  return paidTime(await readEvents(endpoint, before));
}
