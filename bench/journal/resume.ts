import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { PACKAGE_ROOT } from "../../scripts/local/package-root.ts";
import type { RunRecord } from "../../src/records/run-record.ts";
import type { Bench } from "../benchmark.ts";
import { startMeasured } from "../measured-node-red.ts";
import { peakMib, residentMib } from "../process-memory.ts";

const FLOW = join(PACKAGE_ROOT, "examples", "flows.json");
const POLL_MS = 1000;
/** Maximum wait; events that have not happened by then count as if they had happened then. */
const LIMIT_MS = 30_000;
/** Memory is measured this long after the start of the flows, or after the last report, whichever is later. */
const SETTLED_AFTER_MS = 8000;

/** How a Node-RED has resumed its runs; milliseconds since the start of its process. */
export interface Resumption {
  readonly flowsStartedMs: number;
  /** Every running step was resumed. */
  readonly resumedMs: number;
  /** Every one of them has the state of its remote work. */
  readonly reportedMs: number;
  readonly peakMib: number;
  readonly settledMib: number;
}

/**
 * Starts Node-RED with the example flow and a copy of a folder of open runs, and kills it in the end.
 *
 * @param options.journal - absent: no runs
 */
export async function resume(
  bench: Bench,
  options: {
    readonly name: string;
    readonly journal?: string;
    readonly runs: number;
    readonly environment: Readonly<Record<string, string>>;
  },
): Promise<Resumption> {
  const { name, journal, runs, environment } = options;
  if (journal !== undefined) {
    await cp(journal, join(bench.folder, name, "lightly-aws", "runs"), { recursive: true });
  }
  const nodeRed = await startMeasured(bench, { name, flow: await flowWithoutTimers(bench), environment });
  const { elapsedMs: flowsStartedMs, pid } = nodeRed.start;
  const seenAt = performance.now();
  const elapsed = (): number => flowsStartedMs + performance.now() - seenAt;
  let resumedMs = Number.NaN;
  let reportedMs = Number.NaN;
  while (Number.isNaN(reportedMs)) {
    const found = await openRunsOf(nodeRed.url, bench.signal);
    if (found.length !== runs) {
      throw new Error(`${found.length} of ${runs} runs are open: ${JSON.stringify(found.at(-1))}`);
    }
    if (Number.isNaN(resumedMs) && found.every((run) => everyStep(run, ({ resumeCount }) => resumeCount === 1))) {
      resumedMs = elapsed();
    }
    if (found.every((run) => everyStep(run, ({ progress }) => progress !== undefined)) || elapsed() > LIMIT_MS) {
      reportedMs = elapsed();
    } else {
      await pause(POLL_MS, undefined, { signal: bench.signal });
    }
  }
  await pause(Math.max(0, flowsStartedMs + SETTLED_AFTER_MS - elapsed()), undefined, { signal: bench.signal });
  const settledMib = await residentMib(pid);
  const most = (await peakMib(pid)) ?? settledMib;
  await nodeRed.kill();
  return {
    flowsStartedMs,
    resumedMs: Number.isNaN(resumedMs) ? reportedMs : resumedMs,
    reportedMs,
    peakMib: most,
    settledMib,
  };
}

/** The example flow without auto-stop timers: the sandbox runs a shell for each renewal, which would dominate the measurement. */
export async function flowWithoutTimers({ folder }: Bench): Promise<string> {
  const file = join(folder, "flow.json");
  const flow = await readFile(FLOW, "utf8");
  await writeFile(file, flow.replace('"autoStopMinutes": "30"', '"autoStopMinutes": "0"'));
  return file;
}

function everyStep({ steps }: RunRecord, is: (step: RunRecord["steps"][number]) => boolean): boolean {
  return steps.filter(({ state }) => state !== "completed").every((step) => step.state === "running" && is(step));
}

export async function openRunsOf(url: string, signal: AbortSignal): Promise<RunRecord[]> {
  const all = (await (await fetch(`${url}/lightly-aws/runs`, { signal })).json()) as RunRecord[];
  return all.filter(({ state }) => state === "running" || state === "interrupted");
}
