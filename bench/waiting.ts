import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startSandbox } from "lightly-aws-sandbox";
import { forEachConcurrently } from "../src/concurrency/for-each-concurrently.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startMeasured } from "./measured-node-red.ts";
import { type InstanceServices, serveInstances } from "./waiting/instance-services.ts";
import { PULSE_SETTINGS, PulseReader } from "./waiting/pulse.ts";
import { WAITING_FLOW } from "./waiting/waiting-flow.ts";

const RUNS = 1000;
const MINUTE_MS = 60_000;
/** The first checks of a wait are frequent. */
const SETTLES_WITHIN_MS = 40_000;
const TRIGGERS_AT_ONCE = 10;

/** Requests that look whether something has changed, by their kind. */
const LOOKS: Readonly<Record<string, RegExp>> = {
  "EC2: instances": /^DescribeInstances$/,
  "Systems Manager: commands": /^(?:ListCommandInvocations|GetCommandInvocation)$/,
  "Lightly: runs": /^GET \/v1\/(?:docker\/runs|docker\/worker\/schedule|datasets\/\{\w+\}\/docker\/worker\/schedule)/,
};

export const waiting = {
  name: "waiting",
  title: "1,000 runs that wait, each for its own instance, command and Lightly run, in one Node-RED",
  measure,
};

interface Waited {
  /** Requests per minute, by kind. */
  readonly perMinute: ReadonlyMap<string, number>;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly usedMib: number;
  /** The same before the first run, with the SDK loaded. */
  readonly usedBeforeMib: number;
}

async function measure(bench: Bench): Promise<Figure[]> {
  const one = await waitWith(bench, 1);
  const all = await waitWith(bench, RUNS);
  const rates = Object.keys(LOOKS).flatMap((kind): Figure[] => {
    const [ofOne, ofAll] = [one, all].map(({ perMinute }) => perMinute.get(kind) ?? 0) as [number, number];
    return [
      { name: `${kind}: requests per minute of one run`, unit: "", values: [ofOne] },
      { name: `${kind}: the same of 1,000 runs`, unit: "", values: [ofAll], goal: { most: 4 * ofOne } },
    ];
  });
  return [
    ...rates,
    {
      name: "delay of the event loop with 1,000 runs, 99th percentile",
      unit: "ms",
      values: [all.p99Ms],
      goal: { most: 50 },
    },
    { name: "the same, maximum", unit: "ms", values: [all.maxMs] },
    {
      name: "memory of a waiting run",
      unit: "KiB",
      values: [((all.usedMib - all.usedBeforeMib) * 1024) / RUNS],
      goal: { most: 50 },
    },
  ];
}

async function waitWith(bench: Bench, runs: number): Promise<Waited> {
  const { signal } = bench;
  const name = `with-${runs}`;
  const instances = await serveInstances();
  bench.defer(() => instances.close());
  const counts = new Map(instances.counts);
  const sandbox = await startSandbox({
    stateDir: join(bench.folder, name, "sandbox"),
    videosDir: bench.folder,
    worker: "instant",
    onRequest: ({ service, operation, phase }) => {
      if (service === "lightly" && phase === "arrived") {
        counts.set(operation, (counts.get(operation) ?? 0) + 1);
      }
    },
  });
  bench.defer(() => sandbox.close());
  const flow = join(bench.folder, `${name}.json`);
  await writeFile(flow, JSON.stringify(WAITING_FLOW));
  const pulses = new PulseReader();
  const nodeRed = await startMeasured(bench, {
    ...{ name, flow, settings: PULSE_SETTINGS, onLog: pulses.onLog },
    environment: { ...sandbox.environment, AWS_ENDPOINT_URL: instances.endpoint, NODE_OPTIONS: "--expose-gc" },
  });
  const trigger = async (index: number): Promise<void> => {
    const body = JSON.stringify({ instanceId: `i-${String(index).padStart(17, "0")}`, dataset: `dataset ${index}` });
    const headers = { "content-type": "application/json" };
    await fetch(`${nodeRed.url}/wait`, { method: "POST", body, headers, signal });
  };
  // Loads the SDK.
  await trigger(0);
  await untilWaiting(instances, 1, signal);
  const { usedMib: usedBeforeMib } = await pulses.next(nodeRed, signal);
  bench.say(`${runs} runs: triggers`);
  await forEachConcurrently({ items: numbers(1, runs), limit: TRIGGERS_AT_ONCE, signal, work: trigger });
  bench.say(`${runs} runs: until all of them wait`);
  await untilWaiting(instances, runs, signal);
  await pause(SETTLES_WITHIN_MS, undefined, { signal });
  bench.say(`${runs} runs: a minute of waiting`);
  await pulses.next(nodeRed, signal);
  const before = new Map([...counts, ...instances.counts]);
  const startedAt = performance.now();
  await pause(MINUTE_MS, undefined, { signal });
  const minutes = (performance.now() - startedAt) / MINUTE_MS;
  const after = new Map([...counts, ...instances.counts]);
  const perMinute = new Map(
    Object.entries(LOOKS).map(([kind, pattern]) => [
      kind,
      Math.round((sumOf(after, pattern) - sumOf(before, pattern)) / minutes),
    ]),
  );
  const { p99Ms, maxMs, usedMib } = await pulses.next(nodeRed, signal);
  await nodeRed.kill();
  await sandbox.close();
  return { perMinute, p99Ms, maxMs, usedMib, usedBeforeMib };
}

async function untilWaiting({ counts }: InstanceServices, runs: number, signal: AbortSignal): Promise<void> {
  // Each run sends the command of its timer, and then its script.
  while ((counts.get("SendCommand") ?? 0) < 2 * runs) {
    await pause(100, undefined, { signal });
  }
}

async function* numbers(first: number, end: number): AsyncGenerator<number> {
  for (let number = first; number < end; number += 1) {
    yield number;
  }
}

function sumOf(counts: ReadonlyMap<string, number>, pattern: RegExp): number {
  return [...counts].filter(([operation]) => pattern.test(operation)).reduce((sum, [, count]) => sum + count, 0);
}
