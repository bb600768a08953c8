import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Bench, Figure } from "./benchmark.ts";
import { installNothing, startMeasured } from "./measured-node-red.ts";
import { residentMib } from "./process-memory.ts";

const REPETITIONS = 5;
const SETTLES_WITHIN_MS = 1500;

export const idleMemory = {
  name: "idle-memory",
  title: "memory of an idle Node-RED 5, with and without the package",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const flow = join(bench.folder, "flow.json");
  await writeFile(flow, JSON.stringify([{ id: "tab", type: "tab", label: "empty" }]));
  const bare: number[] = [];
  const loaded: number[] = [];
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`start ${round} of ${REPETITIONS}`);
    bare.push(await idle(bench, "bare", flow));
    loaded.push(await idle(bench, "loaded", flow));
  }
  return [
    { name: "Node-RED alone", unit: "MiB", values: bare },
    { name: "Node-RED with the package", unit: "MiB", values: loaded },
    { name: "added (pair by pair)", unit: "MiB", values: loaded.map((mib, round) => mib - (bare[round] ?? 0)) },
  ];
}

async function idle(bench: Bench, name: "bare" | "loaded", flow: string): Promise<number> {
  const nodeRed = await startMeasured(bench, { name, flow, install: name === "bare" ? installNothing : undefined });
  await pause(SETTLES_WITHIN_MS, undefined, { signal: bench.signal });
  const mib = await residentMib(nodeRed.start.pid);
  await nodeRed.close();
  return mib;
}
