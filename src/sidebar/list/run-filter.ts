import type { RunSummary } from "../../runs/records/run-summary.ts";
import { type ShownState, shownState } from "../parts/shown-state.ts";

/** Which runs the list shows. */
export interface RunFilter {
  readonly state: ShownState | "all";
  /** Words that all have to occur. */
  readonly search: string;
}

/** @param names - how the flow is called that the run began in, and what it began with */
export function matches(run: RunSummary, names: string, { state, search }: RunFilter): boolean {
  if (state !== "all" && shownState(run) !== state) {
    return false;
  }
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return true;
  }
  const { runId, first, last, errorCode = "", endedOtherwise = "" } = run;
  const texts = [runId, names, first?.name, first?.type, last?.name, last?.type, errorCode, endedOtherwise];
  const text = texts.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The newest first; of two that began in the same millisecond, an order that stays. */
export function newestFirst(one: RunSummary, other: RunSummary): number {
  return other.startedAt - one.startedAt || (one.runId < other.runId ? 1 : -1);
}
