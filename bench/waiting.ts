import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunRecord } from "../src/records/run-record.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { writeOpenRuns } from "./journal/open-runs.ts";
import { type BusySandbox, startBusySandbox } from "./journal/remote-work.ts";
import { flowWithoutTimers, openRunsOf } from "./journal/resume.ts";
import { type MeasuredNodeRed, startMeasured } from "./measured-node-red.ts";
import { PULSE_SETTINGS, PulseReader } from "./waiting/pulse.ts";

const RUNS = 1000;
const MINUTE_MS = 60_000;
/** The first checks of a wait are frequent. */
const SETTLES_WITHIN_MS = 40_000;
const SERVICES = { ssm: "Systems Manager", lightly: "Lightly" } as const;

type Service = keyof typeof SERVICES;

export const waiting = {
  name: "waiting",
  title: "1,000 runs that wait for their Lightly runs, half of them also for a command, in one Node-RED",
  measure,
};

/** What a Node-RED does in a minute in which nothing changes. */
interface Minute {
  readonly requests: Readonly<Record<Service, number>>;
  /** The delay of its event loop. */
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly usedMib: number;
}

async function measure(bench: Bench): Promise<Figure[]> {
  bench.say(`${RUNS} runs in the sandbox`);
  const sandbox = await startBusySandbox(bench, RUNS, bench.folder);
  const { works } = sandbox;
  // One run loads all SDKs and waits for both, so that the difference is the share of the other runs.
  const one = await waitWith(bench, sandbox, works.filter(({ command }) => command).slice(0, 1));
  const all = await waitWith(bench, sandbox, works);
  const rates = (Object.keys(SERVICES) as Service[]).flatMap((service): Figure[] => [
    { name: `${SERVICES[service]}: requests per minute of one run`, unit: "", values: [one.requests[service]] },
    {
      name: `${SERVICES[service]}: the same of 1,000 runs`,
      unit: "",
      values: [all.requests[service]],
      goal: { most: 4 * one.requests[service] },
    },
  ]);
  const delay = { unit: "ms", goal: { most: 50 } } as const;
  return [
    ...rates,
    { ...delay, name: "delay of the event loop with 1,000 runs, 99th percentile", values: [all.p99Ms] },
    { name: "the same, maximum", unit: "ms", values: [all.maxMs] },
    { name: "delay of the event loop with one run, 99th percentile", unit: "ms", values: [one.p99Ms] },
    {
      name: "memory of a waiting run, after a garbage collection",
      unit: "KiB",
      values: [((all.usedMib - one.usedMib) * 1024) / (RUNS - 1)],
      goal: { most: 50 },
    },
  ];
}

async function waitWith(bench: Bench, { environment }: BusySandbox, works: BusySandbox["works"]): Promise<Minute> {
  const { folder, signal, say } = bench;
  const name = `waiting-${works.length}`;
  const journal = join(folder, `${name}-runs`);
  await writeOpenRuns(journal, works, environment.PIPELINE_INSTANCE_ID ?? "");
  await cp(journal, join(folder, name, "lightly-aws", "runs"), { recursive: true });
  const pulses = new PulseReader();
  const nodeRed = await startMeasured(bench, {
    ...{ name, flow: await flowWithoutTimers(bench), settings: PULSE_SETTINGS, onLog: pulses.onLog },
    environment: { ...environment, NODE_OPTIONS: "--expose-gc" },
  });
  say(`${works.length} runs: until all of them wait`);
  await pause(SETTLES_WITHIN_MS, undefined, { signal });
  say(`${works.length} runs: a minute of waiting`);
  const before = await requestsOf(bench, nodeRed, works.length);
  await pulses.next(nodeRed, signal);
  await pause(MINUTE_MS, undefined, { signal });
  const { p99Ms, maxMs, usedMib } = await pulses.next(nodeRed, signal);
  const after = await requestsOf(bench, nodeRed, works.length);
  await nodeRed.kill();
  const requests = { ssm: after.ssm - before.ssm, lightly: after.lightly - before.lightly };
  return { requests, p99Ms, maxMs, usedMib };
}

/** The requests of all steps so far. A request that steps share counts for one of them. */
async function requestsOf({ signal }: Bench, { url }: MeasuredNodeRed, runs: number): Promise<Record<Service, number>> {
  const open = await openRunsOf(url, signal);
  if (open.length !== runs) {
    throw new Error(`${open.length} of ${runs} runs are open: ${JSON.stringify(open.at(-1))}`);
  }
  return { ssm: sumOf(open, "ssm"), lightly: sumOf(open, "lightly") };
}

function sumOf(runs: readonly RunRecord[], service: Service): number {
  return runs.flatMap(({ steps }) => steps).reduce((sum, { requests }) => sum + (requests?.[service] ?? 0), 0);
}
