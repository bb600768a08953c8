import type { StepRecord } from "../../records/run-record.ts";
import type { Run } from "../run.ts";
import type { StepAbort } from "./step-abort.ts";

/** How a step waits for other steps. All waits reject when the step is aborted. */
export class StepWaits {
  readonly #run: Run;
  readonly #nodeId: string;
  readonly #abort: StepAbort;

  constructor(run: Run, { nodeId }: StepRecord, abort: StepAbort) {
    this.#run = run;
    this.#nodeId = nodeId;
    this.#abort = abort;
  }

  /**
   * Resolves when all runs that started earlier have passed this step's node: their steps in it have ended, or `isPassed` returns true for
   * them. Calls `onQueued` if the step has to wait.
   */
  async forEarlierRuns(isPassed: (step: StepRecord) => boolean, onQueued: () => void): Promise<void> {
    const { registry, order } = this.#run;
    await this.until(() => registry.firstAtNode(this.#nodeId, isPassed) >= order, onQueued);
  }

  /**
   * Resolves as soon as `isReady` returns true for the steps of this run, without those of earlier passes. Calls `onWaiting` if the step
   * has to wait.
   */
  async forSteps(isReady: (steps: readonly StepRecord[]) => boolean, onWaiting: () => void): Promise<void> {
    await this.until(() => isReady(this.#run.currentPass), onWaiting);
  }

  /** Resolves as soon as `isReady` returns true after a change of any run. Calls `onWaiting` if the step has to wait. */
  async until(isReady: () => boolean, onWaiting = (): void => {}): Promise<void> {
    if (!isReady()) {
      onWaiting();
    }
    while (!isReady()) {
      await this.#run.registry.changes.changedTo(isReady, this.#abort.signal);
    }
  }
}
