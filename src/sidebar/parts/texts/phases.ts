import type { Interval } from "../../../records/intervals.ts";
import type { StepRecord } from "../../../records/run-record.ts";

/** A phase of a step with its time, in milliseconds since 1970. */
export interface PhaseSpan extends Interval {
  readonly name: string;
}

/** The phases of a step, oldest first. The last one ends with the step, or `now`. */
export function phaseSpans({ phases = [], startedAt, endedAt }: StepRecord, now: number): PhaseSpan[] {
  const end = Math.max(startedAt, endedAt ?? now);
  // The times may be of another computer, with another clock.
  const within = (time: number): number => Math.min(Math.max(time, startedAt), end);
  return phases.map(({ name, startedAt: from }, index) => ({
    name,
    from: within(from),
    to: within(phases[index + 1]?.startedAt ?? end),
  }));
}

/** Of LightlyStudio, after its installation. */
export const STUDIO_PHASES: readonly string[] = ["start", "index", "select", "export", "save"];

/** The phases that follow the current one of a running step, as far as they are known. */
export function phasesToCome({ type, state, phases = [] }: StepRecord): readonly string[] {
  const current = phases.at(-1)?.name;
  if (type !== "lightly-studio-select" || state !== "running" || current === undefined) {
    return [];
  }
  return STUDIO_PHASES.slice(STUDIO_PHASES.indexOf(current) + 1);
}
