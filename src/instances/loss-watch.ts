import type { Clock } from "../polling/clock.ts";
import { SINGLE_REQUEST_LIMIT_MS, withinLimit } from "../polling/within-limit.ts";
import type { InstanceState } from "../services/ec2/instance-state.ts";
import type { InstanceControl } from "./instance-control.ts";
import { isLost, watchInstance } from "./watch-instance.ts";

interface Watch {
  readonly control: InstanceControl;
  readonly aborted: AbortController;
}

/** Watches an instance while a run uses it, and reports once that the run has lost it. */
export class LossWatch {
  readonly #instanceId: string;
  readonly #clock: Clock;
  readonly #onLost: (state: InstanceState) => void;
  #watch: Watch | undefined;

  constructor(instanceId: string, clock: Clock, onLost: (state: InstanceState) => void) {
    this.#instanceId = instanceId;
    this.#clock = clock;
    this.#onLost = onLost;
  }

  /** Starts to watch, unless it does already, or has no clients for it. */
  start(control: InstanceControl | undefined): void {
    if (this.#watch || !control) {
      return;
    }
    const watch = { control, aborted: new AbortController() };
    this.#watch = watch;
    void watchInstance(this.#instanceId, control, this.#clock, watch.aborted.signal).then((state) => {
      if (state) {
        this.#lose(state, watch);
      }
    });
  }

  end(): void {
    this.#watch?.aborted.abort();
    this.#watch = undefined;
  }

  /** Checks a watched instance now. Resolves when the loss was reported, if it is lost. Never rejects: a failed check is ignored. */
  async check(): Promise<void> {
    const watch = this.#watch;
    if (!watch) {
      return;
    }
    const { control, aborted } = watch;
    const state = await withinLimit({
      work: (signal) => control.describe(this.#instanceId, signal, control.pollMs),
      limitMs: SINGLE_REQUEST_LIMIT_MS,
      signal: aborted.signal,
      clock: this.#clock,
    }).catch(() => undefined);
    if (state && isLost(state)) {
      this.#lose(state, watch);
    }
  }

  #lose(state: InstanceState, watch: Watch): void {
    if (!watch.aborted.signal.aborted) {
      this.end();
      this.#onLost(state);
    }
  }
}
