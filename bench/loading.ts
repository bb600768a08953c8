import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { type StartFacts, startMeasured } from "./measured-node-red.ts";

const REPETITIONS = 9;

export const loading = {
  name: "loading",
  title: "what the package adds to the start of Node-RED 5, from the start of the process to its started flows",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const flow = join(bench.folder, "flow.json");
  await writeFile(flow, JSON.stringify([{ id: "tab", type: "tab", label: "empty" }]));
  const bare: StartFacts[] = [];
  const loaded: StartFacts[] = [];
  for (let round = 0; round <= REPETITIONS; round += 1) {
    for (const [name, starts] of round % 2 === 0 ? KINDS(bare, loaded) : KINDS(bare, loaded).reverse()) {
      bench.say(`start ${round} of ${REPETITIONS}, ${name}`);
      const nodeRed = await startMeasured(bench, { name, flow, isBare: name === "bare" });
      await nodeRed.close();
      // The first start of a user directory also writes Node-RED's settings into it.
      if (round > 0) {
        starts.push(nodeRed.start);
      }
    }
  }
  const required = await requireTimes(bench);
  const elapsed = (starts: readonly StartFacts[]): number[] => starts.map(({ elapsedMs }) => elapsedMs);
  const cpu = (starts: readonly StartFacts[]): number[] => starts.map(({ cpuMs }) => cpuMs);
  return [
    { name: "Node-RED alone, elapsed", unit: "ms", values: elapsed(bare) },
    { name: "Node-RED with the package, elapsed", unit: "ms", values: elapsed(loaded) },
    {
      name: "added, elapsed (pair by pair)",
      unit: "ms",
      values: differences(elapsed(loaded), elapsed(bare)),
      goal: { most: 50 },
    },
    { name: "Node-RED alone, processor time", unit: "ms", values: cpu(bare) },
    { name: "Node-RED with the package, processor time", unit: "ms", values: cpu(loaded) },
    { name: "added, processor time (pair by pair)", unit: "ms", values: differences(cpu(loaded), cpu(bare)) },
    { name: "require of all sets in one process", unit: "ms", values: required, goal: { most: 50 } },
    { name: "AWS SDK modules loaded", unit: "", values: loaded.map(({ sdkModules }) => sdkModules), goal: { most: 0 } },
  ];
}

const KINDS = (bare: StartFacts[], loaded: StartFacts[]): Array<["bare" | "loaded", StartFacts[]]> => [
  ["bare", bare],
  ["loaded", loaded],
];

function differences(values: readonly number[], peers: readonly number[]): number[] {
  return values.map((value, index) => value - (peers[index] ?? Number.NaN));
}

/** In a fresh process each time, since a module is loaded once. */
async function requireTimes({ signal }: Bench): Promise<number[]> {
  const { "node-red": sets } = JSON.parse(await readFile(join(PACKAGE_ROOT, "package.json"), "utf8")) as {
    "node-red": { nodes: Record<string, string>; plugins: Record<string, string> };
  };
  const files = [...Object.values(sets.nodes), ...Object.values(sets.plugins)].map((file) => join(PACKAGE_ROOT, file));
  const script = `const before = performance.now(); ${JSON.stringify(files)}.forEach(require); console.log(performance.now() - before)`;
  const times: number[] = [];
  for (let round = 0; round < REPETITIONS; round += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { signal });
    times.push(Number(stdout));
  }
  return times;
}
