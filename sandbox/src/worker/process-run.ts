import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { probeVideo } from "../media/probe-video.ts";
import { type MemoryLog, startMemoryLog } from "./artifacts/memory-log.ts";
import { earlierPicks } from "./earlier-picks.ts";
import { embedInputs, type Frame } from "./embed-inputs.ts";
import { imageDescriptor } from "./embedding/image-descriptor.ts";
import type { Job } from "./job.ts";
import { fetchFile, type InputFile, kindOf, type ListedFile, listInputs, localPath } from "./load-inputs.ts";
import { readProcessedUntil, writeProcessedUntil } from "./processed-until.ts";
import { publishSelection } from "./publish-selection.ts";
import { RunRefusal } from "./refusal.ts";
import { listSamples } from "./register-samples.ts";
import { refuseOptions } from "./run-config.ts";
import { selectFrames } from "./selection/select-frames.ts";
import { planSelection } from "./selection/selection-plan.ts";
import { findRootTag } from "./tag-selection.ts";

/** Processes a run from its first state to the one before COMPLETED, in a temporary folder. */
export async function processRun(job: Job): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lightly-stand-in-"));
  const memory = startMemoryLog();
  try {
    return await processIn(folder, job, memory);
  } finally {
    memory.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function processIn(folder: string, job: Job, memory: MemoryLog): Promise<string> {
  const { api, datasetId, config, progress, signal } = job;
  await progress.enter("INITIALIZING", `embedding: ${imageDescriptor.description}`);
  refuseOptions(config);
  const plan = planSelection(config.selection);

  const { inputs, listed, until } = await loadInputs(folder, job);
  if (inputs.length === 0) {
    return "no new input since the last run: nothing to select from";
  }
  await progress.enter("COMPUTING_METADATA", `${inputs.length} ${inputs.length === 1 ? "file" : "files"}`);
  const expected = await countFrames(inputs);
  const knownSamples = await listSamples(api, datasetId);
  // Samples without a tag come from an interrupted run: they were never a selection.
  const selectedThen = config.useDatapool
    ? knownSamples.slice(0, (await findRootTag(api, datasetId))?.totSize ?? 0)
    : [];
  const selectedBefore = await earlierPicks(job, selectedThen, imageDescriptor);

  await progress.enter("EMBEDDING", `0/${expected} frames`);
  const embedded = await embedInputs(inputs, imageDescriptor, signal, (done) =>
    progress.say(`${done}/${expected} frames`),
  );
  for (const { name, reason } of embedded.broken) {
    await progress.log("WARNING", `Skipped ${name}: ${reason}`);
  }
  const { frames, rows } = embedded;
  if (frames.length === 0) {
    throw new RunRefusal(
      `None of the ${inputs.length} inputs could be decoded; the first: ${embedded.broken[0]?.reason ?? "no frames"}`,
    );
  }

  await progress.enter("SAMPLING", `${frames.length} frames`);
  const selected = selectFrames({ rows, metadata: frames, selectedBefore }, plan);
  const chosen = selected.picks.flatMap(({ index }) => frames[index] ?? []).sort(inOrder(inputs));
  const summary = `${chosen.length} of ${frames.length} frames selected`;

  const selectedEarlier = selectedBefore.rows.count;
  const findings = { embedded, selected, selectedBefore: selectedEarlier, chosen, knownSamples, summary, memory };
  await publishSelection(job, folder, findings);
  if (config.updateDatapool) {
    await writeProcessedUntil(api, { datasetId, until, listed, signal });
  }
  await progress.enter("UPLOADED_ARTIFACTS", summary);
  return summary;
}

/** @returns the inputs on disk, everything that was listed, and the second in which that was done */
async function loadInputs(
  folder: string,
  job: Job,
): Promise<{ inputs: InputFile[]; listed: ListedFile[]; until: number }> {
  const { api, datasetId, config, progress, signal } = job;
  await progress.enter("LOADING_DATASET", "listing the INPUT datasource");
  const until = Math.floor(Date.now() / 1000);
  const processedUntil = await readProcessedUntil(api, datasetId);
  const from = config.useDatapool && processedUntil > 0 ? processedUntil + 1 : 0;
  const listed = await listInputs(api, datasetId, from, until);
  const readable = listed.filter(({ fileName }) => kindOf(fileName) !== undefined);
  for (const { fileName } of listed.filter((file) => !readable.includes(file))) {
    await progress.log(
      "WARNING",
      `Skipped ${fileName}: this stand-in does not support its file type (convert AVI to MP4).`,
    );
  }
  if (readable.length === 0 && from === 0) {
    throw new RunRefusal("The INPUT datasource contains no supported file. Upload videos below its prefix first.");
  }
  const inputs: InputFile[] = [];
  for (const [index, file] of readable.entries()) {
    const path = localPath(folder, index, file.fileName);
    await fetchFile(file, path, signal);
    inputs.push({ name: file.fileName, path, kind: kindOf(file.fileName) ?? "video" });
    await progress.say(`${index + 1}/${readable.length} files`);
  }
  return { inputs, listed, until };
}

/** Only for the progress messages: unreadable files are reported, with the reason, when they are decoded. */
async function countFrames(inputs: readonly InputFile[]): Promise<number> {
  const counts = await Promise.all(
    inputs.map(({ kind, path }) =>
      kind === "photo"
        ? 1
        : probeVideo(path).then(
            ({ frames }) => frames,
            () => 0,
          ),
    ),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** By input, then by frame index. */
function inOrder(inputs: readonly InputFile[]): (one: Frame, other: Frame) => number {
  const place = new Map(inputs.map((input, index) => [input, index]));
  return (one, other) =>
    (place.get(one.input) ?? 0) - (place.get(other.input) ?? 0) || one.frameIndex - other.frameIndex;
}
