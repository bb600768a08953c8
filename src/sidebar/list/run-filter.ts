import type { RunState } from "../../runs/records/run-record.ts";
import type { RunSummary } from "../../runs/records/run-summary.ts";

/** Which runs the list shows. */
export interface RunFilter {
  readonly state: RunState | "all";
  /** Words that all have to occur. */
  readonly search: string;
}

/** @param names - how the flow is called that the run began in, and what it began with */
export function matches(run: RunSummary, names: string, { state, search }: RunFilter): boolean {
  if (state !== "all" && run.state !== state) {
    return false;
  }
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return true;
  }
  const { runId, firstStep, lastStep, errorCode = "" } = run;
  const texts = [runId, names, firstStep?.name, firstStep?.type, lastStep?.name, lastStep?.type, errorCode];
  const text = texts.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The newest first; of two that began in the same millisecond, an order that stays. */
export function newestFirst(one: RunSummary, other: RunSummary): number {
  return other.startedAt - one.startedAt || (one.runId < other.runId ? 1 : -1);
}
