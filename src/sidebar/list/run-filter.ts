import type { RunState } from "../../runs/records/run-record.ts";
import type { RunSummary } from "../../runs/records/run-summary.ts";

/** Which runs the list shows. */
export interface RunFilter {
  readonly state: RunState | "all";
  /** Words that must all occur. */
  readonly search: string;
}

/** @param names - the names of the run's flow and trigger */
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

/** Orders the newest run first, and runs of the same millisecond by id. */
export function newestFirst(one: RunSummary, other: RunSummary): number {
  return other.startedAt - one.startedAt || (one.runId < other.runId ? 1 : -1);
}
