/**
 * The steps of this process that need the shutdown timer of an instance, each with its minutes. An instance has only one timer, and each
 * renewal replaces it. So each renewal sets the longest time that a step needs, and never shortens it.
 */
export class ShutdownTimers {
  readonly #needs = new Map<string, Map<object, number>>();

  acquire(instanceId: string, owner: object, minutes: number): void {
    const needs = this.#needs.get(instanceId) ?? new Map<object, number>();
    this.#needs.set(instanceId, needs.set(owner, minutes));
  }

  release(instanceId: string, owner: object): void {
    const needs = this.#needs.get(instanceId);
    needs?.delete(owner);
    if (needs?.size === 0) {
      this.#needs.delete(instanceId);
    }
  }

  /** The longest time of all steps, in minutes; undefined if no step needs the timer. */
  longest(instanceId: string): number | undefined {
    const needs = this.#needs.get(instanceId);
    return needs && Math.max(...needs.values());
  }
}

/** The timers that all nodes of this process share. */
export const shutdownTimers = new ShutdownTimers();
