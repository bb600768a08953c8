import { type DelayPolicy, eagerDelay, fixedDelay } from "../../../polling/delay.ts";
import { MAX_PAUSE_MS } from "../client/failure-tolerance.ts";
import { LIGHTLY_PUBLIC_SERVER, type LightlyClient, PUBLIC_POLL_MS } from "../client/lightly-client.ts";

/** The pauses between two checks of a scheduled run. */
export class MonitorPauses {
  /** The maximum pause in milliseconds; the public server is not asked more often than {@link PUBLIC_POLL_MS}. */
  readonly pollMs: number;
  readonly #usual: DelayPolicy;
  #unchangedChecks = 0;
  /** Whether a worker has the run, or may take it soon. Until then nothing is expected soon: usually an instance is still starting. */
  #isNear = false;
  #lastAttempt = 0;
  /** The minimum pause after a failed check. */
  #minMs = 0;
  #hasFailed = false;

  constructor({ server }: Pick<LightlyClient, "server">, pollMs: number) {
    const isPublic = server === LIGHTLY_PUBLIC_SERVER;
    this.pollMs = isPublic ? Math.max(PUBLIC_POLL_MS, pollMs) : pollMs;
    this.#usual = isPublic ? fixedDelay(this.pollMs) : eagerDelay(this.pollMs);
  }

  /** The run has changed: the next pauses are short, if a worker has it. */
  changed(isTaken: boolean): void {
    this.#unchangedChecks = 0;
    this.#isNear ||= isTaken;
  }

  /** A check has failed for a reason that is tolerated for some time. The pause after it does not grow with the wait. */
  failed(minMs: number): void {
    this.#hasFailed = true;
    this.#minMs = Math.max(Math.min(this.pollMs, MAX_PAUSE_MS), minMs);
  }

  /** A check has failed for a transient reason, such as a rate limit. */
  delayed(minMs: number): void {
    this.#minMs = Math.max(this.pollMs, minMs);
  }

  succeeded(): void {
    this.#hasFailed = false;
    this.#minMs = 0;
  }

  /**
   * The pause after an attempt, in milliseconds.
   *
   * @param attempt - counts from 1, and starts again after a wake-up
   */
  next(attempt: number): number {
    this.#unchangedChecks += 1;
    this.#isNear ||= attempt <= this.#lastAttempt;
    this.#lastAttempt = attempt;
    const usualMs = this.#isNear ? this.#usual(Math.min(attempt, this.#unchangedChecks)) : this.pollMs;
    return Math.max(this.#hasFailed ? Math.min(usualMs, MAX_PAUSE_MS) : usualMs, this.#minMs);
  }
}
