import type { EventLog } from "./event-log.ts";

const LOOK_EACH_MS = 5;

/** Records from when to when the processes of workers live, to some milliseconds. */
export class WorkerLifetimes {
  readonly #events: EventLog;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(events: EventLog) {
    this.#events = events;
  }

  /** Records that a worker's process is there, and later that it is gone. */
  watch(worker: { readonly instanceId: string; readonly pid: number; readonly isAlive: () => boolean }): void {
    const { instanceId, pid, isAlive } = worker;
    this.#events.record("worker", { instanceId, pid, state: "started" });
    const timer = setInterval(() => {
      if (!isAlive()) {
        clearInterval(timer);
        this.#timers.delete(timer);
        this.#events.record("worker", { instanceId, pid, state: "ended" });
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
