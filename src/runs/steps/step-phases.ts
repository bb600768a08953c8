import type { StepPhase } from "../records/run-record.ts";

/** A step that retries its work may repeat its phases. */
const MAX_PHASES = 50;
const MAX_NAME_LENGTH = 60;

/**
 * Appends a phase. The latest one may be reported again and again, and so may earlier ones with their times. The oldest phases are removed
 * above the limit.
 */
export function withPhase(phases: readonly StepPhase[], { name, startedAt }: StepPhase): readonly StepPhase[] {
  const latest = phases.at(-1);
  const short = name.slice(0, MAX_NAME_LENGTH);
  const isKnown = latest !== undefined && (latest.name === short || latest.startedAt >= startedAt);
  return isKnown ? phases : [...phases, { name: short, startedAt }].slice(-MAX_PHASES);
}
