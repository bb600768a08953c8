import type { EventLog } from "../faults/event-log.ts";
import { after } from "./delays.ts";

/** The shutdowns that instances have announced for themselves, at most one each. */
export class ShutdownSchedule {
  readonly #events: EventLog;
  readonly #shutDown: (instanceId: string) => void;
  readonly #planned = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();

  constructor(events: EventLog, shutDown: (instanceId: string) => void) {
    this.#events = events;
    this.#shutDown = shutDown;
  }

  /** When the instance goes off (epoch milliseconds), if it is to. */
  at(instanceId: string): number | undefined {
    return this.#planned.get(instanceId)?.at;
  }

  /** What `shutdown -h +N` does; a later call replaces an earlier one. */
  plan(instanceId: string, delayMs: number): void {
    this.cancel(instanceId);
    this.#events.record("shutdown", { instanceId, inMs: delayMs });
    const timer = after(delayMs, () => {
      this.#planned.delete(instanceId);
      this.#shutDown(instanceId);
    });
    this.#planned.set(instanceId, { at: Date.now() + delayMs, timer });
  }

  /** What `shutdown -c` does; `true` when there was something to cancel. */
  cancel(instanceId: string): boolean {
    clearTimeout(this.#planned.get(instanceId)?.timer);
    return this.#planned.delete(instanceId);
  }
}
