import type { EventLog } from "../faults/event-log.ts";
import { after } from "./delays.ts";

/** The shutdowns that instances have scheduled for themselves, at most one each. */
export class ShutdownSchedule {
  readonly #events: EventLog;
  readonly #shutDown: (instanceId: string) => void;
  readonly #planned = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>();

  constructor(events: EventLog, shutDown: (instanceId: string) => void) {
    this.#events = events;
    this.#shutDown = shutDown;
  }

  /** When the instance will stop (epoch milliseconds), if a shutdown is scheduled. */
  at(instanceId: string): number | undefined {
    return this.#planned.get(instanceId)?.at;
  }

  /** Schedules a shutdown, like `shutdown -h +N`; a later call replaces an earlier one. */
  plan(instanceId: string, delayMs: number): void {
    this.cancel(instanceId);
    this.#events.record("shutdown", { instanceId, inMs: delayMs });
    const timer = after(delayMs, () => {
      this.#planned.delete(instanceId);
      this.#shutDown(instanceId);
    });
    this.#planned.set(instanceId, { at: Date.now() + delayMs, timer });
  }

  /** Cancels the shutdown, like `shutdown -c`; `true` when one was scheduled. */
  cancel(instanceId: string): boolean {
    clearTimeout(this.#planned.get(instanceId)?.timer);
    return this.#planned.delete(instanceId);
  }
}
