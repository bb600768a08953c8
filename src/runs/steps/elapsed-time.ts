import type { StepRecord } from "../records/run-record.ts";

/** How long a step has been running: in this process by the monotonic clock, because the date may change; in previous ones by its record. */
export class ElapsedTime {
  readonly #createdAt = performance.now();
  readonly #earlierMs: number;

  /** @param now epoch time in milliseconds */
  constructor({ resumeCount, startedAt }: StepRecord, now: number) {
    this.#earlierMs = resumeCount === undefined ? 0 : Math.max(0, now - startedAt);
  }

  get ms(): number {
    return this.#earlierMs + performance.now() - this.#createdAt;
  }
}
