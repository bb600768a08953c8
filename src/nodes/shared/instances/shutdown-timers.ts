/**
 * Who in this process keeps which instance's shutdown timer, and for how long each needs it, in minutes. An instance has one timer
 * only, and each renewal replaces it: so each renewal sets the longest time that a step needs, and never shortens it.
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

  /** The longest time that a step needs the instance's timer; undefined when no step has one. */
  longest(instanceId: string): number | undefined {
    const needs = this.#needs.get(instanceId);
    return needs && Math.max(...needs.values());
  }
}

/** The timers that all nodes of this process share. */
export const shutdownTimers = new ShutdownTimers();
