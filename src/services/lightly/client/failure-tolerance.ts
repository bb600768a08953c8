import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";

/** A failed check that would end a wait if it were taken at face value. */
export type FailureKind =
  /** Lightly refuses the token or the request, or does not know the dataset. */
  | "refused"
  /** The answer is not Lightly's: a proxy's page, or a status or form that its API does not have. */
  | "unexpected"
  /** Lightly has closed or forgotten the scheduled run and has no worker run for it: its lists may lag behind. */
  | "missing";

/**
 * How long each kind of failure is tolerated, in milliseconds. A worker may have hours of work behind it, while a restart of a
 * proxy, a captive portal or a deployment at Lightly lasts minutes.
 */
export const TOLERATED_MS: Readonly<Record<FailureKind, number>> = {
  refused: 120_000,
  unexpected: 600_000,
  missing: 120_000,
};
/** However long the pauses are, two failed checks are never enough. */
const MIN_CHECKS = 3;
/** The longest pause after a failed check, so that a lasting failure is noticed soon. */
export const MAX_PAUSE_MS = 30_000;

/** The kind of a failed check; `undefined` when it ends the wait, or when it passes by itself (network, 429, 5xx). */
export function failureKindOf({ code, retryable }: PipelineError): FailureKind | undefined {
  if (retryable) {
    return undefined;
  }
  switch (code) {
    case "LIGHTLY_UNAUTHORIZED":
    case "LIGHTLY_ACCESS_DENIED":
    case "LIGHTLY_DATASET_NOT_FOUND":
      return "refused";
    case "LIGHTLY_RESPONSE_INVALID":
    case "LIGHTLY_REQUEST_REFUSED":
      return "unexpected";
    default:
      return undefined;
  }
}

/** Measures how long each kind of failure lasts without a successful check in between. */
export class FailureTolerance {
  readonly #clock: Clock;
  readonly #failures = new Map<FailureKind, { readonly since: number; checks: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Forgets all failures after a successful check. */
  reset(): void {
    this.#failures.clear();
  }

  /** Records a failed check; false when failures of this kind have lasted too long. */
  tolerates(kind: FailureKind): boolean {
    const failure = this.#failures.get(kind) ?? { since: this.#clock.now(), checks: 0 };
    failure.checks += 1;
    this.#failures.set(kind, failure);
    return this.#clock.now() - failure.since < TOLERATED_MS[kind] || failure.checks < MIN_CHECKS;
  }

  /** The error of a failure that is no longer tolerated: it says how long it has lasted. */
  exhausted(kind: FailureKind, error: PipelineError): PipelineError {
    const { since, checks } = this.#failures.get(kind) ?? { since: this.#clock.now(), checks: 1 };
    const lastedMs = this.#clock.now() - since;
    const message = `${error.message} It has been like this for ${formatDuration(lastedMs)}, ${checks} checks in a row.`;
    const details = { ...error.details, lastedMs, checks };
    return new PipelineError(error.code, message, { details, cause: error.cause ?? error });
  }
}
