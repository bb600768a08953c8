import type { JournalStep } from "../../journal/journal-run.ts";
import { safeError } from "../../messages/recorded-error.ts";
import { type SafeCopy, safeObject } from "../../messages/safe-copy.ts";
import { isOpen, type RunTrigger, type StepRecord, type StepRole } from "../../records/run-record.ts";
import type { OutboxPast, SentMessage } from "./outbox.ts";
import type { Step } from "./step.ts";

/** Which node a step belongs to. */
export interface StepIdentity {
  readonly nodeId: string;
  readonly type: string;
  readonly role: StepRole;
  readonly name: string;
  readonly subflowNodeId?: StepRecord["subflowNodeId"];
  readonly templateNodeId?: StepRecord["templateNodeId"];
  /** Whether the step cleans up (stops an instance): it starts even in a failed run, and the failure of another step does not abort it. */
  readonly alwaysRuns: boolean;
}

/** The identity of a step that replaces another one. */
export function identityOf({ record, alwaysRuns }: { record: StepRecord; alwaysRuns: boolean }): StepIdentity {
  const { nodeId, type, role, name, subflowNodeId, templateNodeId } = record;
  return {
    ...{ nodeId, type, role, name, alwaysRuns },
    ...(subflowNodeId !== undefined && { subflowNodeId }),
    ...(templateNodeId !== undefined && { templateNodeId }),
  };
}

/** The message that a step has received, and the messages that it has already sent. */
export interface StepPast extends OutboxPast {
  readonly received?: SafeCopy | undefined;
  /** The live message, as long as this process has it. */
  readonly live?: unknown;
  readonly outbox?: readonly SentMessage[] | undefined;
  /** The items of the sequence that it sends. */
  readonly items?: readonly unknown[] | undefined;
  /** Why a user has canceled it. */
  readonly cancelReason?: string | undefined;
}

/** The options of a new step, in addition to its run and node. */
export interface StepStart {
  /** The message comes from a Catch node. */
  readonly afterError?: boolean;
  /** The message that the step has received. The journal gets a copy without secrets. */
  readonly message?: unknown;
  /** The step that has sent the message. */
  readonly parentStepId?: string;
  /** The index of the message in the sequence of that step. */
  readonly parentItem?: number;
  /** What has started the run, if this is its first step. */
  readonly trigger?: RunTrigger;
}

/** Converts a step for the journal: without secrets, with the message for a restart or a retry. */
export function toJournal(step: Step, cancelReason: string | undefined): JournalStep {
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
