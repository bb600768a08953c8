import type { StepRecord } from "./run-record.ts";

/** Why a step was skipped, as a sentence in English; undefined for one that was not. The record carries it as the text of an abort. */
export function skipReason({ state, error }: StepRecord): string | undefined {
  if (state !== "skipped") {
    return undefined;
  }
  const why = (error?.message ?? "").replace(/^Stopped: /, "");
  return why.charAt(0).toUpperCase() + why.slice(1);
}
