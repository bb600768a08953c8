import type { EventLog } from "./event-log.ts";

const POLL_MS = 5;

/** Records start and end of the workers' processes, to a few milliseconds. */
export class WorkerLifetimes {
  readonly #events: EventLog;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(events: EventLog) {
    this.#events = events;
  }

  /**
   * Records that a worker's process was started, and later that it has ended; both immediately if it has already ended.
   */
  watch(worker: {
    readonly instanceId: string;
    readonly pid: number;
    /** Milliseconds since 1970. */
    readonly startedAt: number;
    readonly isAlive: () => boolean;
  }): void {
    const { instanceId, pid, startedAt, isAlive } = worker;
    this.#events.record("worker", { instanceId, pid, state: "started", at: startedAt });
    const end = (): void => this.#events.record("worker", { instanceId, pid, state: "ended", at: Date.now() });
    if (!isAlive()) {
      end();
      return;
    }
    const timer = setInterval(() => {
      if (!isAlive()) {
        clearInterval(timer);
        this.#timers.delete(timer);
        end();
      }
    }, POLL_MS);
    this.#timers.add(timer.unref());
  }

  /** Stops watching. */
  close(): void {
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    this.#timers.clear();
  }
}
