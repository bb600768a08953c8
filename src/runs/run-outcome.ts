import type { JournalRun } from "../journal/journal-run.ts";
import { maskSecrets } from "../messages/mask-secrets.ts";
import type { RecordedError } from "../records/run-record.ts";
import type { Step } from "./steps/step.ts";

/** The members of a run's journal with its failure or abort. */
type JournaledOutcome = Pick<JournalRun, "abortReason" | "catchPending" | "isAbandoned" | "failedStepId">;

/** Why a run has failed or was aborted, and whether its flow continues. */
export class RunOutcome {
  #failed: Step | undefined;
  #abortReason: string | undefined;
  #isAbandoned = false;
  /** A user has aborted the run, and Catch was not informed yet. One of the aborted steps will do it. */
  #isCatchPending = false;
  /** A step of this process is going to inform Catch when it ends. */
  #isCatchAssigned = false;

  /** A step has failed. The first failed step decides the run's error. */
  failed(step: Step): void {
    this.#failed ??= step;
  }

  /** A user has aborted the run. Catch is informed once. */
  aborted(reason: string): void {
    this.#abortReason = reason;
    this.#isCatchAssigned &&= this.#isCatchPending;
    this.#isCatchPending = true;
  }

  /** The run can't continue, because one of its nodes was deleted. */
  abandoned(reason: string): void {
    this.#abortReason ??= reason;
    this.#isAbandoned = true;
  }

  /** Whether a node was deleted or disabled while the run used it. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** The run starts a new pass. */
  clear(): void {
    this.#failed = undefined;
    this.#abortReason = undefined;
    this.#isAbandoned = false;
    this.catchInformed();
  }

  /** Restores the outcome of a previous process. */
  restore(failed: Step | undefined, { abortReason, catchPending, isAbandoned }: JournaledOutcome): void {
    this.#failed = failed?.record.error && failed;
    this.#abortReason = abortReason;
    this.#isCatchPending = catchPending === true;
    this.#isAbandoned = isAbandoned === true;
  }

  /** `failed` or `aborted`; undefined if neither happened. */
  get state(): "failed" | "aborted" | undefined {
    if (this.#failed !== undefined) {
      return "failed";
    }
    return this.#abortReason === undefined ? undefined : "aborted";
  }

  /** Whether further steps must not start. After a step that failed with a result, the flow continues. */
  get isFinal(): boolean {
    return this.#abortReason !== undefined || (this.#failed !== undefined && this.#failed.record.result === undefined);
  }

  /** Why a step that starts too late is aborted. */
  get reason(): string {
    return this.#abortReason ?? `${this.#failed?.record.name} of the same run has failed.`;
  }

  /** Returns true for the first step that calls it, if Catch must still be informed. That step informs Catch when it ends. */
  assignCatch(): boolean {
    const isFirst = this.#isCatchPending && !this.#isCatchAssigned;
    this.#isCatchAssigned = true;
    return isFirst;
  }

  catchInformed(): void {
    this.#isCatchPending = false;
    this.#isCatchAssigned = false;
  }

  /** The failure that ended the run, or why it was aborted. */
  get error(): RecordedError | undefined {
    const failure = this.#failed?.record.error;
    if (failure || this.#abortReason === undefined) {
      return failure;
    }
    return { code: "ABORTED", message: `Stopped: ${this.#abortReason}`, details: {} };
  }

  toJournal(): JournaledOutcome {
    return {
      isAbandoned: this.#isAbandoned || undefined,
      abortReason: this.#abortReason === undefined ? undefined : maskSecrets(this.#abortReason),
      catchPending: this.#isCatchPending || undefined,
      failedStepId: this.#failed?.record.stepId,
    };
  }
}
