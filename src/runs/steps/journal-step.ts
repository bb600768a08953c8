import type { JournalStep } from "../../journal/journal-run.ts";
import { safeError } from "../../messages/recorded-error.ts";
import { safeObject } from "../../messages/safe-copy.ts";
import { isOpen, type StepRecord } from "../../records/run-record.ts";
import type { Step } from "./step.ts";
import type { StepPast } from "./step-identity.ts";

/** Converts a step for the journal: without secrets, with the message for a restart or a retry. */
export function journalStep(step: Step, cancelReason: string | undefined): JournalStep {
  const { progress, checkpoint, error, ...record } = step.record;
  const received = step.received.copy;
  return {
    ...record,
    ...(progress && { progress: safeObject({ ...progress }) }),
    ...(checkpoint && { checkpoint: safeObject(checkpoint) }),
    ...(error && { error: safeError(error) }),
    alwaysRuns: step.alwaysRuns,
    ...(cancelReason !== undefined && isOpen(record) && { cancelReason }),
    ...(received && { message: received.value, omitted: received.omitted }),
    outbox: step.outbox.toJournal(),
    ...(step.outbox.receivedItems.length > 0 && { receivedItems: step.outbox.receivedItems }),
    ...(step.sequence.saved && { items: step.sequence.saved }),
  };
}

/** Converts a step from the journal. If it was running, it is interrupted now. */
export function fromJournal(saved: JournalStep): {
  readonly record: StepRecord;
  readonly alwaysRuns: boolean;
  readonly past: StepPast;
} {
  const { alwaysRuns, message, omitted = [], outbox, receivedItems, items, cancelReason, ...record } = saved;
  const state = record.state === "running" ? "interrupted" : record.state;
  const received = message === undefined ? undefined : { value: message, omitted };
  return { record: { ...record, state }, alwaysRuns, past: { received, outbox, receivedItems, items, cancelReason } };
}
