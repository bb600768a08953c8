import type { StepContext } from "../shared/step/step-context.ts";

/** Tells a lightly run of the same run that its worker has started and ended: the job may be the Lightly Worker. */
export class WorkerEvents {
  readonly #context: StepContext;
  readonly #jobId: string;
  #hasStarted = false;

  constructor(context: StepContext, jobId: string) {
    this.#context = context;
    this.#jobId = jobId;
  }

  started(): void {
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#context.events.emit({ kind: "command-started", instanceId: this.#jobId, commandId: this.#jobId });
    }
  }

  ended(failure: string | undefined): void {
    this.#context.events.emit({
      kind: "command-ended",
      instanceId: this.#jobId,
      commandId: this.#jobId,
      succeeded: failure === undefined,
      summary: failure ?? "The job has succeeded.",
    });
  }
}
