import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, Figure } from "./benchmark.ts";
import { stepsCost, writesOfProgress } from "./journal/message-path.ts";
import { writeOpenRuns } from "./journal/open-runs.ts";
import { startBusySandbox } from "./journal/remote-work.ts";
import { type Resumption, resume } from "./journal/resume.ts";

const RUNS = 1000;
const REPETITIONS = 3;

export const journal = {
  name: "journal",
  title:
    "1,000 open runs of the example flow that a Node-RED finds when it starts, and what the journal costs a message",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  return [...(await resumptions(bench)), ...(await messagePath(bench))];
}

async function resumptions(bench: Bench): Promise<Figure[]> {
  bench.say(`${RUNS} runs in the sandbox`);
  const { environment, works } = await startBusySandbox(bench, RUNS, bench.folder);
  const instanceId = environment.PIPELINE_INSTANCE_ID ?? "";
  const folders = { two: join(bench.folder, "two-runs"), all: join(bench.folder, "all-runs") };
  bench.say(`${RUNS} runs on the disk`);
  // One run of each kind loads the AWS SDKs, so that the difference is the share of the other runs.
  const two = [works.find(({ command }) => command), works.find(({ command }) => !command)].filter((work) => !!work);
  await writeOpenRuns(folders.two, two, instanceId);
  await writeOpenRuns(folders.all, works, instanceId);
  const none: Resumption[] = [];
  const few: Resumption[] = [];
  const all: Resumption[] = [];
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`start ${round} of ${REPETITIONS}`);
    none.push(await resume(bench, { name: `none-${round}`, runs: 0, environment }));
    few.push(await resume(bench, { name: `two-${round}`, journal: folders.two, runs: two.length, environment }));
    all.push(await resume(bench, { name: `all-${round}`, journal: folders.all, runs: RUNS, environment }));
  }
  const added = (of: (one: Resumption) => number, base: readonly Resumption[]): number[] =>
    all.map((resumption, round) => of(resumption) - of(base[round] ?? resumption));
  return [
    { name: "flows started, without a run", unit: "ms", values: none.map(({ flowsStartedMs }) => flowsStartedMs) },
    { name: "flows started, with 1,000 runs", unit: "ms", values: all.map(({ flowsStartedMs }) => flowsStartedMs) },
    {
      name: "all steps running again",
      unit: "ms",
      values: all.map(({ resumedMs }) => resumedMs),
      goal: { most: 10_000 },
    },
    {
      name: "all steps have the state of their remote work",
      unit: "ms",
      values: all.map(({ reportedMs }) => reportedMs),
      goal: { most: 10_000 },
    },
    {
      name: "peak memory, added to that with two of them",
      unit: "MiB",
      values: added(({ peakMib }) => peakMib, few),
      goal: { most: 200 },
    },
    { name: "peak memory, added to that without a run", unit: "MiB", values: added(({ peakMib }) => peakMib, none) },
    {
      name: "memory 8 s later, added to that without a run",
      unit: "MiB",
      values: added(({ settledMib }) => settledMib, none),
    },
  ];
}

async function messagePath(bench: Bench): Promise<Figure[]> {
  const plain: number[] = [];
  const journaled: number[] = [];
  const longest: number[] = [];
  const writes: number[] = [];
  // The first round is not counted: it includes the compilation of the code.
  for (let round = 0; round <= REPETITIONS; round += 1) {
    bench.say(`steps, round ${round} of ${REPETITIONS}`);
    bench.signal.throwIfAborted();
    const without = await stepsCost(undefined);
    const cost = await stepsCost(await mkdtemp(join(bench.folder, "steps-")));
    if (round > 0) {
      plain.push(without.elapsedMs);
      journaled.push(cost.elapsedMs);
      longest.push(cost.longestMs);
      writes.push(await writesOfProgress(bench.folder));
    }
  }
  return [
    { name: "1,000 steps started and completed, no journal", unit: "ms", values: plain },
    { name: "1,000 steps started and completed, with it", unit: "ms", values: journaled },
    { name: "longest turn of the event loop while writing", unit: "ms", values: longest },
    { name: "writes of 1,000 progress reports in 3 s", unit: "", values: writes },
  ];
}
