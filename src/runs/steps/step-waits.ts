import { waitForEarlierRuns } from "../earlier-runs.ts";
import type { StepRecord } from "../records/run-record.ts";
import type { Run } from "../run.ts";

/** How a step waits for other steps. All waits reject when the step is aborted. */
export class StepWaits {
  readonly #run: Run;
  readonly #nodeId: string;
  readonly #signal: AbortSignal;

  constructor(run: Run, { nodeId }: StepRecord, signal: AbortSignal) {
    this.#run = run;
    this.#nodeId = nodeId;
    this.#signal = signal;
  }

  /**
   * Resolves when all runs that started earlier have passed this step's node: their steps in it have ended, or `isPassed` returns true for
   * them. Calls `onQueued` if the step has to wait.
   */
  async forEarlierRuns(isPassed: (step: StepRecord) => boolean, onQueued: () => void): Promise<void> {
    await waitForEarlierRuns(this.#run, this.#nodeId, { isPassed, onQueued, signal: this.#signal });
  }

  /**
   * Resolves as soon as `isReady` returns true for the steps of this run, without those of earlier passes. Calls `onWaiting` if the step
   * has to wait.
   */
  async forSteps(isReady: (steps: readonly StepRecord[]) => boolean, onWaiting: () => void): Promise<void> {
    if (!isReady(this.#run.currentPass)) {
      onWaiting();
    }
    while (!isReady(this.#run.currentPass)) {
      await this.#run.registry.nextChange(this.#signal);
    }
  }
}
