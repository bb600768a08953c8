import { plainState, type StepProgress } from "../../src/records/progress.ts";
import { type StepRecord, skipReason } from "../../src/records/run-record.ts";

/**
 * Prints one line for each change of a step: elapsed time, step, state, bytes and rate.
 *
 * @param startedAt - start of the elapsed time, in milliseconds since 1970
 */
export function stepLines(startedAt: number, print: (line: string) => void): (step: StepRecord) => void {
  return (step) => {
    const now = step.endedAt ?? Date.now();
    const failure = step.error && `${step.error.code}: ${step.error.message}`;
    const text = skipReason(step) ?? failure ?? progressText(step, now);
    print(
      `${seconds(Math.max(0, now - startedAt)).padStart(7)}  ${step.name.padEnd(26)} ${step.state.padEnd(10)} ${text}`.trimEnd(),
    );
  };
}

function progressText({ startedAt, state, progress }: StepRecord, now: number): string {
  if (state === "completed") {
    return `in ${seconds(now - startedAt)}${progress?.loadedBytes ? `, ${transferText(progress, now - startedAt)}` : ""}`;
  }
  const { message = "" } = progress ?? {};
  const does = plainState(progress?.state ?? "");
  const words = message.startsWith(does) ? message : [does, message].filter(Boolean).join(", ");
  return progress?.loadedBytes ? `${words} ${transferText(progress, now - startedAt)}` : words;
}

function transferText({ loadedBytes = 0, totalBytes }: StepProgress, elapsedMs: number): string {
  const total = totalBytes ? ` of ${mebibytes(totalBytes)}` : "";
  return `${mebibytes(loadedBytes)}${total}, ${mebibytes(loadedBytes / (elapsedMs / 1000 || 1))}/s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/** `12.3 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
