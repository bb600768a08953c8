import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, Figure } from "./benchmark.ts";
import { type OneRunCost, oneRunCost } from "./journal/one-run.ts";

const COUNTS = [500, 1000, 2000, 4000];

export const oneRun = {
  name: "one-run",
  title: "one run that uploads thousands of videos: what the journal and the bookkeeping cost for each of them",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  // The first run is not counted: it includes the compilation of the code.
  const costs = new Map<number, OneRunCost>();
  for (const count of [100, ...COUNTS]) {
    bench.say(`a run of ${count} videos`);
    bench.signal.throwIfAborted();
    costs.set(count, await oneRunCost(await mkdtemp(join(bench.folder, "run-")), count));
  }
  const least = costs.get(COUNTS[0] ?? 0);
  return COUNTS.flatMap((count): Figure[] => {
    const { processorMs = Number.NaN, elapsedMs = Number.NaN, writtenKib } = costs.get(count) ?? {};
    return [
      {
        name: `${count} videos: processor time of each`,
        unit: "ms",
        values: [processorMs],
        goal: { most: rounded(1.5 * (least?.processorMs ?? 0)) },
      },
      { name: `${count} videos: time of each, with the disk`, unit: "ms", values: [elapsedMs / count] },
      ...(writtenKib === undefined
        ? []
        : [
            {
              name: `${count} videos: written for each`,
              unit: "KiB",
              values: [writtenKib],
              goal: { most: rounded(1.5 * (least?.writtenKib ?? 0)) },
            } as const,
          ]),
    ];
  });
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
