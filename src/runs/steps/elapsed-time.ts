import type { StepRecord } from "../records/run-record.ts";

/** For how long a step has been running: in this process by the monotonic clock, since the date may change; in previous ones by its record. */
export class ElapsedTime {
  readonly #bornAt = performance.now();
  readonly #earlierMs: number;

  /** @param now epoch time in milliseconds */
  constructor({ resumeCount, startedAt }: StepRecord, now: number) {
    this.#earlierMs = resumeCount === undefined ? 0 : Math.max(0, now - startedAt);
  }

  get ms(): number {
    return this.#earlierMs + performance.now() - this.#bornAt;
  }
}
