import type { Attempt, ExitRule } from "./job.ts";

/**
 * Whether a failed attempt is repeated, if attempts are left: the first rule whose conditions all match decides. Without a match it is
 * repeated.
 */
export function isRetried(rules: readonly ExitRule[], attempt: Attempt): boolean {
  const rule = rules.find(
    ({ onStatusReason, onReason, onExitCode }) =>
      matches(onStatusReason, attempt.statusReason) &&
      matches(onReason, attempt.reason ?? "") &&
      matches(onExitCode, attempt.exitCode === undefined ? undefined : String(attempt.exitCode)),
  );
  return rule?.action !== "EXIT";
}

/** A pattern may end in `*`. Without a pattern everything matches; an exit code that does not exist matches no pattern. */
function matches(pattern: string | undefined, value: string | undefined): boolean {
  if (pattern === undefined || value === undefined) {
    return pattern === undefined;
  }
  return pattern.endsWith("*") ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}
