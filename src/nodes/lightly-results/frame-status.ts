import type { FrameProgress } from "../../services/results/transfer-frames.ts";
import type { StepContext } from "../shared/step/step-context.ts";

const MIN_PAUSE_MS = 1000;

/** Returns a progress listener that shows and records `12 of 40`: at most once a second, and at the end. */
export function reportFrames(context: StepContext): (progress: FrameProgress) => void {
  let reportedAt = -Infinity;
  return ({ done, total }) => {
    const now = performance.now();
    if (now - reportedAt >= MIN_PAUSE_MS || done === total) {
      reportedAt = now;
      context.progress({
        ...{ state: "fetching", message: `${done}/${total}` },
        doing: { key: "fetching", values: { done, total } },
      });
      context.status.showProgress("working", "fetching", { done, total });
    }
  };
}
