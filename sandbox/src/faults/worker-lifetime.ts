import type { EventLog } from "./event-log.ts";

const LOOK_EACH_MS = 5;

/** Records from when to when the processes of workers live, to some milliseconds. */
export class WorkerLifetimes {
  readonly #events: EventLog;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(events: EventLog) {
    this.#events = events;
  }

  /**
   * Records that a worker's process was started, and later that it is gone: one that is gone already by the time it is told of, at
   * once.
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
    }, LOOK_EACH_MS);
    this.#timers.add(timer.unref());
  }

  /** Looks at nothing any more. */
  close(): void {
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    this.#timers.clear();
  }
}
