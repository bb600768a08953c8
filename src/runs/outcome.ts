import { maskSecrets } from "./messages/mask-secrets.ts";
import type { RecordedError } from "./records/run-record.ts";
import type { Step } from "./steps/step.ts";

/** How a run was aborted, as the journal has it. */
interface Abandonment {
  readonly abortReason?: string;
  readonly isAbandoned?: true;
}

/** Whether a run was given up, and why: one of its steps has failed, or nobody wants it any more. */
export class Outcome {
  #failed: Step | undefined;
  #abortReason: string | undefined;
  #isAbandoned = false;
  /** The run was aborted between two steps: the next one is to tell Catch. */
  #owesCatch = false;

  /** The run's failure is that of the step that failed first. */
  failed(step: Step): void {
    this.#failed ??= step;
  }

  /** @param owesCatch - no step was at work that could have told Catch */
  aborted(reason: string, owesCatch: boolean): void {
    this.#abortReason = reason;
    this.#owesCatch = owesCatch;
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
    this.#owesCatch = false;
  }

  /** What an earlier process has left. */
  restore(failed: Step | undefined, { abortReason, isAbandoned }: Abandonment): void {
    this.#failed = failed?.record.error && failed;
    this.#abortReason = abortReason;
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

  /** Whether somebody is still to tell Catch; who asks, does. */
  takeOverCatch(): boolean {
    const isOwed = this.#owesCatch;
    this.#owesCatch = false;
    return isOwed;
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
  toJournal(): Abandonment & { readonly failedStepId?: string } {
    return {
      ...(this.#isAbandoned && { isAbandoned: true }),
      ...(this.#abortReason === undefined ? {} : { abortReason: maskSecrets(this.#abortReason) }),
      ...(this.#failed ? { failedStepId: this.#failed.record.stepId } : {}),
    };
  }
}
