import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";

/** A failed check that would end a wait if it were not tolerated for some time. */
export type FailureKind =
  /** Lightly rejects the token or the request, or does not know the dataset. */
  | "refused"
  /** The response is not one of Lightly's API: a proxy's page, an unexpected status or an unexpected structure. */
  | "unexpected"
  /** Lightly has closed or no longer lists the scheduled run, and has no worker run for it: its lists may lag behind. */
  | "missing";

/**
 * How long each kind of failure is tolerated, in milliseconds. A worker may have been running for hours, and a restart of a proxy, a
 * captive portal or a deployment at Lightly lasts minutes.
 */
export const TOLERATED_MS: Readonly<Record<FailureKind, number>> = {
  refused: 120_000,
  unexpected: 600_000,
  missing: 120_000,
};
/** The minimum number of failed checks before a failure ends the wait, even if the pauses are long. */
const MIN_CHECKS = 3;
/** The maximum pause after a failed check, so that a permanent failure is detected soon. */
export const MAX_PAUSE_MS = 30_000;

/** The kind of a failed check; `undefined` if it ends the wait, or is transient (network, 429, 5xx). */
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

  /** Clears all failures after a successful check. */
  reset(): void {
    this.#failures.clear();
  }

  /** Records a failed check. Returns false if failures of this kind have lasted too long. */
  tolerates(kind: FailureKind): boolean {
    const failure = this.#failures.get(kind) ?? { since: this.#clock.now(), checks: 0 };
    failure.checks += 1;
    this.#failures.set(kind, failure);
    return this.#clock.now() - failure.since < TOLERATED_MS[kind] || failure.checks < MIN_CHECKS;
  }

  /** Creates the error of a failure that is no longer tolerated. It includes the duration of the failure. */
  exhausted(kind: FailureKind, error: PipelineError): PipelineError {
    const { since, checks } = this.#failures.get(kind) ?? { since: this.#clock.now(), checks: 1 };
    const lastedMs = this.#clock.now() - since;
    const message = `${error.message} This has lasted ${formatDuration(lastedMs)}, for ${checks} consecutive checks.`;
    const details = { ...error.details, lastedMs, checks };
    return new PipelineError(error.code, message, { details, cause: error.cause ?? error });
  }
}
