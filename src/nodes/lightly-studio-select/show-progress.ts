import type { StepProgress } from "../../records/progress.ts";
import type { StudioProgress } from "../../services/studio/studio-progress.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/** Shows the progress of the script in the record of the step, and below its node. */
export function showStudioProgress(context: StepContext, progress: StudioProgress): void {
  const { phase, done, of, frames = 0, videoFrames = 0, videoOf = 0, megabytes = 0, message, until = 0 } = progress;
  const counts = countsOf(progress);
  recordPhases(context, progress.phases);
  context.progress({
    state: phase.toUpperCase(),
    ...(message !== undefined && { message }),
    ...(counts !== undefined && { counts }),
  });
  const isReading = phase === "index" && done < of && videoOf > 0;
  const number = Math.min(done + 1, of);
  const values = { done, of, frames, number, videoFrames, videoOf, megabytes, time: timeOfDay(until) };
  context.status.show("working", isReading ? "frames" : phase, values);
}

/** On the clock of Node-RED. */
function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** Records the phases up to the latest one, which are seen only now and then. */
export function recordPhases(context: StepContext, phases: StudioProgress["phases"] = []): void {
  for (const { name, startedAt } of phases) {
    if (name !== "done" && name !== "failed") {
      context.phase(name, startedAt);
    }
  }
}

/** What is done of a phase, for the record. */
export function countsOf(progress: StudioProgress): StepProgress["counts"] {
  const { phase, done, of, frames = 0, videoFrames = 0, videoOf = 0, megabytes = 0 } = progress;
  if (phase === "install") {
    return megabytes > 0 ? { key: "megabytes", values: { megabytes } } : undefined;
  }
  if (of === 0 || phase === "start" || phase === "save") {
    return undefined;
  }
  if (phase !== "index") {
    return phase === "select" ? { key: "fromFrames", values: { of } } : { key: "frames", values: { done, of } };
  }
  if (done >= of || videoOf === 0) {
    return { key: "videos", values: { done, of, frames } };
  }
  return of === 1
    ? { key: "frames", values: { done: videoFrames, of: videoOf } }
    : { key: "framesOfVideo", values: { number: done + 1, videos: of, done: videoFrames, of: videoOf } };
}
