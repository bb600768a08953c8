import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";

const STEPS = 1000;
const REPORTS = 1000;
const IDENTITY = {
  nodeId: "node",
  type: "lightly-s3-upload",
  role: "upload",
  name: "upload",
  alwaysRuns: false,
} as const;
const RESULT = { s3: { bucket: "lightly-input", key: "videos/a/clip.mp4", bytes: 4_000_000 } };

/** The cost of 1,000 steps, each in its own run, for the event loop. */
export interface StepsCost {
  /** Until the last one has ended: the delay between a message and the next node. */
  readonly elapsedMs: number;
  /** The longest time in which the event loop did nothing else while the files were written. */
  readonly longestMs: number;
}

/**
 * Starts and completes 1,000 steps, ten in each turn of the event loop.
 *
 * @param folder - of the files; undefined: no journal
 */
export async function stepsCost(folder: string | undefined): Promise<StepsCost> {
  const registry = new RunRegistry();
  if (folder !== undefined) {
    registry.attach(new RunJournal({ folder, warn: refuse }));
  }
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  let elapsedMs = 0;
  for (let turn = 0; turn < STEPS / 10; turn += 1) {
    const startedAt = performance.now();
    for (let index = 0; index < 10; index += 1) {
      oneStep(registry, `run-${turn}-${index}`);
    }
    elapsedMs += performance.now() - startedAt;
    await pause(1);
  }
  await registry.flush();
  delays.disable();
  return { elapsedMs, longestMs: delays.max / 1e6 };
}

function oneStep(registry: RunRegistry, runId: string): void {
  const message = { _msgid: runId, payload: "s3://lightly-input/videos/a/clip.mp4", filename: "/tmp/a/clip.mp4" };
  const step = registry.begin(runId, IDENTITY, { message });
  step.recordSend(0, { ...message, ...RESULT }, []);
  step.complete(RESULT);
}

/** How often the file of a run is written while its step reports progress 1,000 times in three seconds. */
export async function writesOfProgress(folder: string): Promise<number> {
  let writes = 0;
  const write = async (): Promise<void> => {
    writes += 1;
  };
  const registry = new RunRegistry();
  registry.attach(
    new RunJournal({ folder: join(folder, "counted"), warn: refuse, disk: { replace: write, append: write } }),
  );
  const step = registry.begin("run", IDENTITY, { message: { _msgid: "run" } });
  await step.ensureSaved();
  writes = 0;
  for (let report = 1; report <= REPORTS; report += 1) {
    step.progress({ state: "uploading", loadedBytes: report, totalBytes: REPORTS });
    await pause(3);
  }
  await registry.flush();
  return writes;
}

function refuse(message: string): never {
  throw new Error(message);
}
