import type { RunState } from "../../records/run-record.ts";
import type { RunSummary } from "../../records/run-summary.ts";

/** Which runs a list shows. */
export interface RunFilter {
  readonly state: RunState | "all";
  /** Words that must all occur. */
  readonly search: string;
  /** The name of the flow; all flows if it is empty or absent. */
  readonly flow?: string;
  /** The first and the last day of the start, in local time: `2026-11-03`; empty or absent for no limit. */
  readonly from?: string;
  readonly to?: string;
}

/** The names that a run has in a list. */
export interface RunNames {
  readonly flow: string;
  readonly trigger: string;
  /** The meaning of its error, which a list shows. */
  readonly error: string;
}

/** @param names - called only if the filter needs the names: there may be a thousand runs */
export function matches(run: RunSummary, names: () => RunNames, filter: RunFilter): boolean {
  if (filter.state !== "all" && run.state !== filter.state) {
    return false;
  }
  if (filter.flow && filter.flow !== names().flow) {
    return false;
  }
  const day = filter.from || filter.to ? localDay(run.startedAt) : "";
  if ((filter.from && day < filter.from) || (filter.to && day > filter.to)) {
    return false;
  }
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return true;
  }
  const { flow, trigger, error } = names();
  const { runId, firstStep, lastStep, errorCode = "" } = run;
  const texts = [
    runId,
    flow,
    trigger,
    firstStep?.name,
    firstStep?.type,
    lastStep?.name,
    lastStep?.type,
    errorCode,
    error,
  ];
  const text = texts.join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Orders the newest run first, and runs of the same millisecond by id. */
export function newestFirst(one: RunSummary, other: RunSummary): number {
  return other.startedAt - one.startedAt || (one.runId < other.runId ? 1 : -1);
}

/** The day of a time in local time, as a date field has it: `2026-11-03`. */
function localDay(at: number): string {
  const date = new Date(at);
  const twoDigits = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}
