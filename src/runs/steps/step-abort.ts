import { PipelineError } from "../../errors/pipeline-error.ts";

/**
 * Why a step is aborted: its flow was stopped (`closed`), its node was deleted or disabled (`removed`), another branch has ended its run
 * (`skipped`), and so on.
 */
export type AbortCause = "closed" | "removed" | "sibling failed" | "canceled" | "skipped";

/** The signal that aborts a step, and why it was aborted. */
export class StepAbort {
  /** Created on demand: most steps of a thousand runs are over. */
  #controller: AbortController | undefined;
  #cancelReason: string | undefined;

  constructor(cancelReason?: string) {
    this.#cancelReason = cancelReason;
  }

  /** Why a user has canceled the step, in this process or in a previous one. */
  get cancelReason(): string | undefined {
    return this.#cancelReason;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  /** Why the step was aborted; undefined if it was not. */
  get cause(): AbortCause | undefined {
    const reason: unknown = this.#controller?.signal.reason;
    return reason instanceof PipelineError ? (reason.details.cause as AbortCause | undefined) : undefined;
  }

  /** Aborts the signal. Only the first call counts. */
  abort(cause: AbortCause, reason: string): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(new PipelineError("ABORTED", `Stopped: ${reason}`, { details: { cause } }));
  }

  /** Aborts the signal for a user. */
  cancel(reason: string): void {
    this.#cancelReason = reason;
    this.abort("canceled", reason);
  }

  /** Repeats a cancellation of a previous process. */
  cancelAgain(): void {
    if (this.#cancelReason !== undefined) {
      this.abort("canceled", this.#cancelReason);
    }
  }
}
