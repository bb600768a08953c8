import type { Clock } from "../../polling/clock.ts";
import type { WaitMemory } from "../../polling/wait-memory.ts";

/** What a start waits for: that EC2 accepts it, or that the instances are running and Online. */
export interface StartWait {
  readonly goal: "accepted" | "ready";
}

/** Keeps the waits of a start over restarts. */
export interface StartMemory {
  readonly start: WaitMemory<StartWait>;
  /** The time since the first lack of capacity. */
  readonly capacity: WaitMemory;
}

/** Measures how long a start has been waiting for its goals, one after the other. */
export class StartWaits {
  readonly #clock: Clock;
  readonly #memory: WaitMemory<StartWait> | undefined;
  #earlier: (StartWait & { readonly since: number }) | undefined;

  constructor(clock: Clock, memory: WaitMemory<StartWait> | undefined) {
    this.#clock = clock;
    this.#memory = memory;
    const { earlier } = memory ?? {};
    this.#earlier = earlier && { goal: earlier.goal, since: clock.now() - earlier.waitedMs };
  }

  /** A wait begins, or continues that of a previous process, with its time so far in milliseconds. `onAttempt` saves it when it has to wait. */
  begin(goal: StartWait["goal"]): { readonly waitedMs: number; readonly onAttempt: () => void } {
    const since = this.#earlier?.goal === goal ? this.#earlier.since : undefined;
    this.#earlier = undefined;
    let isSaved = since !== undefined;
    return {
      waitedMs: since === undefined ? 0 : this.#clock.now() - since,
      onAttempt: () => {
        if (!isSaved) {
          isSaved = true;
          this.#memory?.save({ goal });
        }
      },
    };
  }
}
