import type { OmittedPart } from "../messages/omitted-parts.ts";
import type { RunTrigger, StepRecord } from "../records/run-record.ts";
import type { RunEvent } from "../runs/run-events.ts";
import type { SentMessage } from "../runs/steps/outbox.ts";

/** The version of the files that this package writes. It does not change with a new member, but with a new meaning of a member. */
export const JOURNAL_VERSION = 2;

/** A step in the journal: its record, and what is needed to run it again. */
export interface JournalStep extends StepRecord {
  readonly alwaysRuns: boolean;
  /** Why a user has canceled the step. Absent once it has ended. */
  readonly cancelReason?: string;
  /** The message that the step has received, without the parts in `omitted`. */
  readonly message?: unknown;
  readonly omitted?: readonly OmittedPart[];
  /** What the step has sent; with the message while it is pending. */
  readonly outbox?: readonly SentMessage[];
  /** The items of its sequence that have been received, as ranges. */
  readonly receivedItems?: readonly number[];
  /** The items of its sequence. Absent once it has ended. */
  readonly items?: readonly unknown[];
}

/** The members of a run that change, apart from its steps and events. */
export interface JournalOutcome {
  readonly endedAt?: number;
  /** Why the run was aborted: by a user, or because a node is gone. */
  readonly abortReason?: string;
  /** A node was deleted or disabled while the run used it. */
  readonly isAbandoned?: true;
  /** The index of the first step of the current pass; absent for the first one. */
  readonly passStart?: number;
  /** A user has aborted the run, and Catch does not know yet. */
  readonly catchPending?: true;
  /** The step whose failure is the run's failure. */
  readonly failedStepId?: string;
}

/** A run in the journal. Each run has its own file. */
export interface JournalRun extends JournalOutcome {
  /** Version 1 has no changes after the run. */
  readonly version: 1 | typeof JOURNAL_VERSION;
  readonly runId: string;
  readonly trigger?: RunTrigger;
  readonly startedAt: number;
  readonly events?: readonly RunEvent[];
  readonly steps: readonly JournalStep[];
}

/** How the events of a run have changed: after the first `kept` ones, these are `added`. */
export interface JournalEvents {
  readonly kept: number;
  readonly added: readonly RunEvent[];
}

/** What has changed in a run. */
export interface JournalChange extends JournalOutcome {
  /** Absent if there is no new event. */
  readonly events?: JournalEvents;
  /** The steps that have started or changed. */
  readonly steps: readonly JournalStep[];
}

/** The state of a run, from which its file is written. */
export interface JournalSource {
  toJournal(): JournalRun;
  /** What has changed since the last call of this method or of {@link toJournal}. */
  changesForJournal(): JournalChange;
  /** Whether a step is running or interrupted, or a message is pending. */
  readonly isActive: boolean;
}

/** Whether a step is running or interrupted, or one of its messages is pending. */
export function isStepActive({ state, outbox = [] }: JournalStep): boolean {
  return state === "running" || state === "interrupted" || outbox.some(({ to }) => to.length > 0);
}
