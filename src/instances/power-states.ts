/** Called when an instance is on, or is about to be (a start was requested), and when it is off. */
export type PowerListener = (instanceId: string, isOn: boolean) => void;

/** Which of the instances that runs have used are on, as far as it is known here. */
export class PowerStates {
  readonly #isOn = new Map<string, boolean>();
  readonly #listeners = new Set<PowerListener>();

  /** Whether the instance is on; undefined if no run has used it. */
  isOn(instanceId: string): boolean | undefined {
    return this.#isOn.get(instanceId);
  }

  set(instanceId: string, isOn: boolean): void {
    if (this.#isOn.get(instanceId) !== isOn) {
      this.#isOn.set(instanceId, isOn);
      for (const listener of [...this.#listeners]) {
        listener(instanceId, isOn);
      }
    }
  }

  /** Calls `listener` at each change. The returned function unsubscribes it. */
  onChange(listener: PowerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
