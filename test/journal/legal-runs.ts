import { doesNotMatch, equal, ok } from "node:assert/strict";
import type { JournalRun } from "../../src/journal/journal-run.ts";
import { currentSteps, type RunRecord, type RunState } from "../../src/records/run-record.ts";

/** The secrets that must not be on disk. */
export const SECRETS = /[=: ]secret|"token":"secret"/;

/** Whether a record on disk without running steps is consistent. */
export function checkLegal(run: RunRecord, kept: JournalRun, why: string): void {
  ok(run.steps.length > 0, why);
  equal(run.state, stateOf(run, kept), why);
  equal(run.endedAt === undefined, isActive(run, kept), why);
  for (const { state, endedAt, error, replacedBy } of run.steps) {
    ok(state !== "running", why);
    ok(state === "interrupted" || endedAt !== undefined, why);
    ok(error !== undefined || (state !== "failed" && state !== "aborted"), why);
    ok(replacedBy === undefined || run.steps.some(({ stepId }) => stepId === replacedBy), why);
  }
  doesNotMatch(JSON.stringify(kept), SECRETS, why);
}

/** The number of pending messages of a run. */
export function pendingOf({ steps }: JournalRun): number {
  return steps.flatMap(({ outbox = [] }) => outbox).filter(({ to }) => to.length > 0).length;
}

function isActive({ steps }: RunRecord, kept: JournalRun): boolean {
  return steps.some(({ state }) => state === "interrupted") || pendingOf(kept) > 0;
}

function stateOf(run: RunRecord, kept: JournalRun): RunState {
  if (run.steps.some(({ state }) => state === "interrupted")) {
    return "interrupted";
  }
  if (kept.failedStepId !== undefined) {
    return "failed";
  }
  if (kept.abortReason !== undefined) {
    return "aborted";
  }
  if (isActive(run, kept)) {
    return "running";
  }
  return currentSteps(run.steps).some(({ state }) => state === "aborted") ? "aborted" : "completed";
}
