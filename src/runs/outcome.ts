import type { JournalRun } from "./journal/journal-run.ts";
import { maskSecrets } from "./messages/mask-secrets.ts";
import type { RecordedError } from "./records/run-record.ts";
import type { Step } from "./steps/step.ts";

/** How a run was aborted, as the journal has it. */
type Abortion = Pick<JournalRun, "abortReason" | "owesCatch" | "isAbandoned">;

/** Whether a run was given up, and why: one of its steps has failed, or nobody wants it any more. */
export class Outcome {
  #failed: Step | undefined;
  #abortReason: string | undefined;
  #isAbandoned = false;
  /** The run was aborted by a user, and no step has told Catch yet: one of those that are aborted is to. */
  #owesCatch = false;
  /** A step of this process does so when it ends. */
  #isTakenOver = false;

  /** The run's failure is that of the step that failed first. */
  failed(step: Step): void {
    this.#failed ??= step;
  }

  /** A user does not want the run any more; Catch is to hear of it once. */
  aborted(reason: string): void {
    this.#abortReason = reason;
    this.#isTakenOver &&= this.#owesCatch;
    this.#owesCatch = true;
  }

  /** The run can't end as it was drawn. */
  abandoned(reason: string): void {
    this.#abortReason ??= reason;
    this.#isAbandoned = true;
  }

  /** Whether a node of the run was deleted or disabled under its work. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** The run begins anew. */
  clear(): void {
    this.#failed = undefined;
    this.#abortReason = undefined;
    this.#isAbandoned = false;
    this.hasToldCatch();
  }

  /** What an earlier process has left. */
  restore(failed: Step | undefined, { abortReason, owesCatch, isAbandoned }: Abortion): void {
    this.#failed = failed?.record.error && failed;
    this.#abortReason = abortReason;
    this.#owesCatch = owesCatch === true;
    this.#isAbandoned = isAbandoned === true;
  }

  /** How the run ended badly; undefined as long as nothing has gone wrong. */
  get badState(): "failed" | "aborted" | undefined {
    if (this.#failed !== undefined) {
      return "failed";
    }
    return this.#abortReason === undefined ? undefined : "aborted";
  }

  get isGivenUp(): boolean {
    return this.badState !== undefined;
  }

  /** What a step is told that comes too late. */
  get why(): string {
    return this.#abortReason ?? `${this.#failed?.record.name} of the same run has failed.`;
  }

  /** Whether Catch is still to be told; the first step that asks does so when it ends. */
  takeOverCatch(): boolean {
    const isOwed = this.#owesCatch && !this.#isTakenOver;
    this.#isTakenOver = true;
    return isOwed;
  }

  hasToldCatch(): void {
    this.#owesCatch = false;
    this.#isTakenOver = false;
  }

  /** The failure that ended the run, or who aborted it. */
  get error(): RecordedError | undefined {
    const failure = this.#failed?.record.error;
    if (failure || this.#abortReason === undefined) {
      return failure;
    }
    return { code: "ABORTED", message: `Stopped: ${this.#abortReason}`, details: {} };
  }

  /** As the journal keeps it. */
  toJournal(): Abortion & Pick<JournalRun, "failedStepId"> {
    return {
      ...(this.#isAbandoned && { isAbandoned: true as const }),
      ...(this.#abortReason === undefined ? {} : { abortReason: maskSecrets(this.#abortReason) }),
      ...(this.#owesCatch && { owesCatch: true as const }),
      ...(this.#failed ? { failedStepId: this.#failed.record.stepId } : {}),
    };
  }
}
