import type { StepPhase } from "../records/run-record.ts";

/** A step that retries its work may repeat its phases. */
const MAX_PHASES = 50;
const MAX_NAME_LENGTH = 60;

/** Appends a phase unless it is the current one. The oldest phases are removed above the limit. */
export function withPhase(phases: readonly StepPhase[], name: string, now: number): readonly StepPhase[] {
  const short = name.slice(0, MAX_NAME_LENGTH);
  return phases.at(-1)?.name === short ? phases : [...phases, { name: short, startedAt: now }].slice(-MAX_PHASES);
}
