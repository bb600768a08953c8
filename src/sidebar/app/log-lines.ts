import type { RunRecord } from "../../records/run-record.ts";

/** The levels of lines, the least serious first. */
export const LEVELS = ["info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

/** A line of the log of a run. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly step: string;
  readonly level: Level;
  readonly text: string;
}

/** The logs of all steps, by time. The error of a step is its last line. */
export function logLines({ steps }: Pick<RunRecord, "steps">): LogLine[] {
  const lines = steps.flatMap(({ name, log = [], error, state, endedAt }): LogLine[] => [
    ...log.map(({ at, text, level = "info" as Level }) => ({ at, step: name, level, text })),
    ...(error && state === "failed"
      ? [{ at: endedAt ?? Date.now(), step: name, level: "error" as const, text: `${error.code}: ${error.message}` }]
      : []),
  ]);
  // Stable, so that the lines of one step stay in order.
  return lines.toSorted((one, other) => one.at - other.at);
}

/** The lines of at least a level that contain all words, in the text or in the name of the step. */
export function filterLines(lines: readonly LogLine[], least: Level, search: string): LogLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const from = LEVELS.indexOf(least);
  return lines.filter(({ level, step, text }) => {
    const line = `${step} ${text}`.toLowerCase();
    return LEVELS.indexOf(level) >= from && words.every((word) => line.includes(word));
  });
}
