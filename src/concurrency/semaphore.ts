import { abortedError } from "../errors/pipeline-error.ts";

/** Limits how many tasks run at the same time. The others wait in order. */
export class Semaphore {
  #count: number;
  /** Below 0 while more tasks run than a lowered number allows. */
  #free: number;
  readonly #waiting: Array<() => void> = [];

  /** @param count - how many tasks run at a time */
  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** How many tasks run at a time. */
  get count(): number {
    return this.#count;
  }

  /** Changes how many tasks run at a time. Tasks that are running continue. */
  set count(count: number) {
    this.#free += count - this.#count;
    this.#count = count;
    this.#startWaiting();
  }

  /**
   * Waits for a free slot.
   *
   * @param signal - ends the wait
   * @returns a function that releases the slot; call it once
   * @throws PipelineError `ABORTED`
   */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) {
      throw abortedError(signal.reason);
    }
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      await this.#nextFree(signal);
    }
    return () => this.#release();
  }

  /**
   * Runs a task when a slot is free.
   *
   * @param signal - ends the wait for the slot; a running task must listen to it itself
   * @throws PipelineError `ABORTED`, or what the task throws
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await task();
    } finally {
      release();
    }
  }

  #nextFree(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        reject(abortedError(signal?.reason));
      };
      this.#waiting.push(start);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  #release(): void {
    this.#free += 1;
    this.#startWaiting();
  }

  #startWaiting(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      this.#free -= 1;
      this.#waiting.shift()?.();
    }
  }
}
