import type { FrameProgress } from "../../services/results/transfer-frames.ts";
import type { StepContext } from "../shared/step/step-context.ts";

const MIN_PAUSE_MS = 1000;

/** A progress listener that shows `12 of 40`, and records it with the run: once a second at most, and at the end. */
export function reportFrames(context: StepContext): (progress: FrameProgress) => void {
  let reportedAt = -Infinity;
  return ({ done, total }) => {
    const now = performance.now();
    if (now - reportedAt >= MIN_PAUSE_MS || done === total) {
      reportedAt = now;
      context.progress({ state: "fetching", message: `${done}/${total}` });
      context.status.showProgress("working", "fetching", { done, total });
    }
  };
}
