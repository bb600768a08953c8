import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { batch } from "./batch.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { demo } from "./demo.ts";
import { idleMemory } from "./idle-memory.ts";
import { journal } from "./journal.ts";
import { loading } from "./loading.ts";
import { busyness, describeMachine, type Machine, machineLine } from "./machine.ts";
import { oneRun } from "./one-run.ts";
import { orchestration } from "./orchestration.ts";
import { paidTimeOfRun } from "./paid-time.ts";
import { parallelReads } from "./parallel-reads.ts";
import { sdkBundle } from "./sdk-bundle.ts";
import { studio } from "./studio.ts";
import { summarize, table } from "./table.ts";
import { largeTransfer, transferMemory } from "./transfer-memory.ts";
import { transfers } from "./transfers.ts";
import { waiting } from "./waiting.ts";

const BENCHMARKS: readonly Benchmark[] = [
  ...[
    loading,
    sdkBundle,
    idleMemory,
    orchestration,
    paidTimeOfRun,
    journal,
    oneRun,
    waiting,
    batch,
    transfers,
    transferMemory,
    parallelReads,
    demo,
  ],
  ...[studio, largeTransfer],
];
/** A quiet machine of two cores needs about ten minutes for all but those that run only when they are named. */
const LIMIT_MS = 25 * 60_000;
const NAMED_LIMIT_MS = 60 * 60_000;

const HELP = `npm run bench -- [name ...] [--json FILE]

Measures, each against its peer: ${BENCHMARKS.map(({ name }) => name).join(", ")}. Two run only when they are named: studio installs
LightlyStudio (1.2 GB, below .sandbox/) and takes about 20 minutes, large-transfer sends 50 GiB over the loopback interface.

  --json FILE   also writes every value there
`;

const { values, positionals } = parseArgs({
  options: { json: { type: "string" }, help: { type: "boolean", default: false } },
  allowPositionals: true,
});

interface Result {
  readonly benchmark: string;
  /** Of the machine, before the start of this benchmark. */
  readonly load: number;
  readonly figures: readonly Figure[];
}

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => !BENCHMARKS.some((one) => one.name === name));
  if (unknown.length > 0) {
    throw new Error(`There is no benchmark ${unknown.join(", ")}. ${HELP}`);
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => interrupted.abort(new Error("Interrupted.")));
  }
  const signal = AbortSignal.any([
    interrupted.signal,
    AbortSignal.timeout(wantsNamedOnly() ? NAMED_LIMIT_MS : LIMIT_MS),
  ]);
  const machine = describeMachine();
  console.log(`${machineLine(machine)}\n`);
  const results: Result[] = [];
  for (const benchmark of BENCHMARKS.filter(isWanted)) {
    const load = busyness();
    console.log(`${benchmark.name}: ${benchmark.title}  (load ${load})`);
    const figures = await measure(benchmark, signal);
    console.log(`${table(figures)}\n`);
    results.push({ benchmark: benchmark.name, load, figures });
    if (values.json !== undefined) {
      await writeJson(values.json, machine, results);
    }
  }
}

function wantsNamedOnly(): boolean {
  return BENCHMARKS.some(({ name, isNamedOnly = false }) => isNamedOnly && positionals.includes(name));
}

function isWanted({ name, isNamedOnly = false }: Benchmark): boolean {
  return positionals.length === 0 ? !isNamedOnly : positionals.includes(name);
}

async function writeJson(file: string, machine: Machine, results: readonly Result[]): Promise<void> {
  const summarized = results.map(({ figures, ...result }) => ({
    ...result,
    figures: figures.map((figure) => ({ ...figure, ...summarize(figure.values) })),
  }));
  await writeFile(file, `${JSON.stringify({ machine, results: summarized }, null, 2)}\n`);
}

async function measure(benchmark: Benchmark, signal: AbortSignal): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), `lightly-aws-bench-${benchmark.name}-`));
  const deferred: Array<() => unknown> = [() => rm(folder, { recursive: true, force: true })];
  const defer = (action: () => unknown): void => void deferred.push(action);
  const say = (line: string): void => {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${line}`);
    }
  };
  try {
    signal.throwIfAborted();
    return await benchmark.measure({ folder, signal, defer, say });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    say("");
    for (let last = deferred.pop(); last !== undefined; last = deferred.pop()) {
      await last();
    }
  }
}

if (values.help) {
  console.log(HELP);
} else {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
