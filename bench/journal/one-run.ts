import { readFile } from "node:fs/promises";
import { forEachConcurrently } from "../../src/concurrency/for-each-concurrently.ts";
import { RunJournal } from "../../src/journal/run-journal.ts";
import type { StepRole } from "../../src/records/run-record.ts";
import { RunRegistry } from "../../src/runs/run-registry.ts";
import type { Step } from "../../src/runs/steps/step.ts";

/** How many videos are in work at a time, as in the form of *video source*. */
const AT_ONCE = 4;
const SOURCE = identity("source", "lightly-video-source", "source");
const UPLOAD = identity("upload", "lightly-s3-upload", "upload");
const SELECT = identity("select", "lightly-run", "select");

/** What one run with many steps costs. */
export interface OneRunCost {
  /** From the first message until the last state is on disk. */
  readonly elapsedMs: number;
  /** Processor time of each step, in ms. */
  readonly processorMs: number;
  /** Passed to the system for the disk, for each step; undefined where there is no `/proc`. */
  readonly writtenKib: number | undefined;
}

/**
 * One run of a video source: it sends `count` videos, four at a time, each of them is uploaded, a join node collects the messages, and
 * one selection receives them.
 *
 * @param folder - of the journal
 */
export async function oneRunCost(folder: string, count: number): Promise<OneRunCost> {
  const registry = new RunRegistry();
  registry.attach(new RunJournal({ folder, warn: refuse }));
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const written = await writtenBytes();
  await sendVideos(registry, count);
  await registry.flush();
  const { user, system } = process.cpuUsage(cpu);
  const after = await writtenBytes();
  return {
    elapsedMs: performance.now() - startedAt,
    processorMs: (user + system) / 1000 / count,
    writtenKib: written === undefined || after === undefined ? undefined : (after - written) / 1024 / count,
  };
}

async function sendVideos(registry: RunRegistry, count: number): Promise<void> {
  const trigger = { _msgid: "run", payload: "", topic: "" };
  const source = registry.begin("run", SOURCE, { message: trigger });
  await source.ensureSaved();
  const videos = Array.from({ length: count }, (_, index) => ({
    path: `/videos/front camera/${index}.mp4`,
    bytes: 1e6,
  }));
  await source.sequence.save({ maxFailures: 10 }, videos);
  let ended = 0;
  await forEachConcurrently({
    items: indices(count),
    limit: AT_ONCE,
    signal: source.signal,
    work: async (index) => {
      await upload(registry, source, index, count);
      await source.sequence.waitFor(index);
      ended += 1;
      source.sequence.ended(ended);
    },
  });
  source.complete({ source: { count } });
  const parts = { id: source.record.stepId, index: 0, count };
  const parentStepId = `run/${count + 1}`;
  // As a join node sends it: without the parts of the sequence.
  const select = registry.begin("run", SELECT, { message: { ...trigger, payload: [parts.id] }, parentStepId });
  select.complete({});
}

async function* indices(count: number): AsyncGenerator<number> {
  yield* Array.from({ length: count }, (_, index) => index);
}

async function upload(registry: RunRegistry, source: Step, index: number, count: number): Promise<void> {
  const parts = { id: source.record.stepId, type: "array", count, len: 1, index };
  const filename = `/videos/front camera/${index}.mp4`;
  const message = { _msgid: "run", payload: filename, topic: "", filename, parts };
  source.recordSend(0, message, [UPLOAD.nodeId], { item: index });
  const { stepId: parentStepId } = source.record;
  const step = registry.begin("run", UPLOAD, { message, parentStepId, parentItem: index });
  await step.ensureSaved();
  const key = `videos/0123456789abcdef/${index}.mp4`;
  await step.saveIntent({ bucket: "lightly-input", key });
  step.progress({ state: "uploading", loadedBytes: 1e6, totalBytes: 1e6 });
  const s3 = { bucket: "lightly-input", key, uri: `s3://lightly-input/${key}`, bytes: 1e6, etag: '"etag"' };
  step.recordSend(0, { ...message, s3, payload: s3.uri }, [SELECT.nodeId], { isCollected: true });
  step.complete({ s3 });
}

/** What this process has passed to the system for writing, of which the journal is almost all. */
async function writtenBytes(): Promise<number | undefined> {
  const io = await readFile("/proc/self/io", "utf8").catch(() => "");
  const written = /^wchar: (\d+)$/m.exec(io)?.[1];
  return written === undefined ? undefined : Number(written);
}

function identity(name: string, type: string, role: StepRole) {
  return { nodeId: name, type, role, name, alwaysRuns: false };
}

function refuse(message: string): never {
  throw new Error(message);
}
