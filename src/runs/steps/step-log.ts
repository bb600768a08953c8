import { maskSecrets } from "../../messages/mask-secrets.ts";
import { plainState } from "../records/plain-state.ts";
import type { LogEntry, StepProgress } from "../records/run-record.ts";

const MAX_ENTRIES = 200;
const MAX_TEXT_LENGTH = 2000;

/** Appends lines to a log. Secrets are masked, and the oldest entries are removed above the limit. */
export function withLines(
  log: readonly LogEntry[],
  lines: readonly string[],
  at: number,
  level?: LogEntry["level"],
): LogEntry[] {
  const entries = lines
    .filter((line) => line.trim() !== "")
    .slice(-MAX_ENTRIES)
    .map((line) => ({ at, text: maskSecrets(line.trimEnd().slice(0, MAX_TEXT_LENGTH)), ...(level && { level }) }));
  return [...log, ...entries].slice(-MAX_ENTRIES);
}

/** Describes how progress differs from the previous one; empty if only bytes have changed. */
export function describeChange(progress: StepProgress, before: StepProgress | undefined): string[] {
  const said = (of: StepProgress | undefined): string =>
    [of?.state && plainState(of.state), of?.message].filter(Boolean).join(": ");
  return said(progress) === said(before) ? [] : [said(progress)];
}
