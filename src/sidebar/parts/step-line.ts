import { ownEntry } from "../../errors/own-entry.ts";
import type { StepProgress } from "../../records/progress.ts";
import type { StepRecord, StepSequence } from "../../records/run-record.ts";
import { selectionOf } from "../../records/selections.ts";
import { text } from "../host/host.ts";
import { stateWord } from "./state-icon.ts";
import { formatDuration } from "./texts/duration.ts";
import { formatBytes } from "./texts/numbers.ts";
import { phaseWord } from "./texts/phase-word.ts";

/** What a step does or has done, in a few words: `0.5 of 12 MiB, 8 MiB/s`, `24 of 240 frames`, `waiting for a worker, 2:10`. */
export function stepLine(step: StepRecord, now: number): string {
  switch (step.state) {
    case "running":
      return runningLine(step, now);
    case "completed":
      return resultLine(step) || stateAndTime(step, now);
    // The error itself stands below.
    case "failed":
      return stateAndTime(step, now);
    default:
      return stateWord(step.state);
  }
}

function stateAndTime({ state, startedAt, endedAt }: StepRecord, now: number): string {
  return `${stateWord(state)}, ${formatDuration((endedAt ?? now) - startedAt)}`;
}

function runningLine({ progress, startedAt }: StepRecord, now: number): string {
  const words = progress === undefined ? stateWord("running") : progressLine(progress);
  return progress?.loadedBytes === undefined ? `${words}, ${formatDuration(now - startedAt)}` : words;
}

/** Progress in the user's language, as far as its state is known. */
export function progressLine({
  state = "",
  message = "",
  doing,
  counts,
  loadedBytes,
  totalBytes,
  bytesPerSecond,
}: StepProgress): string {
  if (loadedBytes !== undefined) {
    const loaded = formatBytes(loadedBytes);
    const amount =
      totalBytes === undefined ? loaded : text("line.of", { done: loaded, total: formatBytes(totalBytes) });
    return bytesPerSecond === undefined ? amount : `${amount}, ${formatBytes(bytesPerSecond)}/s`;
  }
  const known = doing === undefined ? waitsFor(state) : text(`doing.${doing.key}`, doing.values);
  const words = known ?? ([phaseWord(state), message].filter(Boolean).join(": ") || stateWord("running"));
  return counts === undefined ? words : `${words}, ${text(`counts.${counts.key}`, counts.values)}`;
}

/** The states of services that a user meets often, by the key of their text. */
const KNOWN: Readonly<Record<string, string>> = {
  OPEN: "openRun",
  LOCKED: "lockedRun",
  INITIALIZING: "workerStarts",
  STARTED: "workerStarts",
  LOADING_DATASET: "workerReads",
  COMPUTING_METADATA: "workerReads",
  EMBEDDING: "embedding",
  SAMPLING: "selecting",
  SELECTING: "selecting",
  SAVING_RESULTS: "saving",
  UPLOADING_DATASET: "saving",
  UPLOADING_REPORT: "saving",
  UPLOADED_REPORT: "saving",
  GENERATING_REPORT: "saving",
  UPLOADING_ARTIFACTS: "saving",
  UPLOADED_ARTIFACTS: "saving",
  Pending: "delivering",
  Delayed: "delivering",
  InProgress: "scriptRuns",
  pending: "instanceStarts",
  running: "instanceRuns",
  stopping: "instanceStops",
  shutdown: "instanceStops",
};

function waitsFor(state: string): string | undefined {
  const key = ownEntry(KNOWN, state);
  return key === undefined ? undefined : text(`doing.${key}`);
}

/** What a completed step has done; empty if its state says it all. */
export function resultLine(step: StepRecord): string {
  const { role, result = {} } = step;
  if (step.sequence) {
    return sequenceLine(step.sequence);
  }
  switch (role) {
    case "upload":
      return bytesIn(result.s3);
    case "download":
      return loadedOf(step);
    case "select":
      return framesLine(step);
    case "results":
      return framesOf(numberIn(lightlyOf(step).selection, "count"));
    case "command":
      return exitLine(result.ssm) || jobLine(result.batch);
    default:
      return "";
  }
}

/** How many items of a sequence have ended, such as videos. */
function sequenceLine({ count, ended, failures }: StepSequence): string {
  const failed = failures.length;
  return text(`counts.${failed > 0 ? "failedItems" : "items"}`, { count, ended, failed, completed: ended - failed });
}

function framesLine(step: StepRecord): string {
  const [selection] = selectionOf(step);
  // The platform reports the size of the dataset only, which is not the number of frames that were seen.
  const total = selection?.engine === "studio" ? selection.counts?.frames : undefined;
  return selection?.selected !== undefined && total !== undefined
    ? text("line.framesOf", { selected: selection.selected, total })
    : framesOf(selection?.selected);
}

function framesOf(selected: number | undefined): string {
  return selected === undefined ? "" : text("line.frames", { selected });
}

/** The end of a job of AWS Batch. */
function jobLine(batch: unknown): string {
  const { children } = Object(batch) as { children?: unknown };
  const [size, succeeded = 0, failed = 0] = ["size", "succeeded", "failed"].map((name) => numberIn(children, name));
  return size === undefined
    ? exitLine(batch)
    : text(`counts.${failed > 0 ? "failedChildren" : "children"}`, { ended: succeeded + failed, size, failed });
}

function exitLine(ssm: unknown): string {
  const code = numberIn(ssm, "exitCode");
  return code === undefined ? "" : text("line.exit", { code });
}

/** The result of a download has the size that was announced only, which may be missing. */
function loadedOf({ progress }: StepRecord): string {
  return progress?.loadedBytes === undefined ? "" : formatBytes(progress.loadedBytes);
}

function bytesIn(value: unknown): string {
  const bytes = numberIn(value, "bytes");
  return bytes === undefined ? "" : formatBytes(bytes);
}

function lightlyOf({ result = {} }: StepRecord): Record<string, unknown> {
  return Object(result.lightly) as Record<string, unknown>;
}

function numberIn(value: unknown, name: string): number | undefined {
  const found: unknown = (Object(value) as Record<string, unknown>)[name];
  return typeof found === "number" ? found : undefined;
}
