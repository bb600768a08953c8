import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { Clock } from "../../../polling/clock.ts";
import { formatDuration } from "../../../polling/format-duration.ts";

/** A finding that would end the wait for a run if it were believed at once. */
export type Trouble =
  /** Lightly does not accept the token, does not allow it this, or does not know the dataset. */
  | "refused"
  /** The answer is not Lightly's: a proxy's page, a status or a form that its API does not have. */
  | "odd"
  /** Lightly has closed or forgotten the scheduled run, and knows no run of it: its lists may lag behind. */
  | "absent";

/**
 * How long each trouble is sat out, in milliseconds. A worker may have hours of work behind it, and a proxy that restarts, a captive
 * page or a deploy of Lightly lasts minutes; so does the work that a worker does meanwhile without us.
 */
export const SAT_OUT_MS: Readonly<Record<Trouble, number>> = { refused: 120_000, odd: 600_000, absent: 120_000 };
/** However long the pauses are, one answer more than two is needed. */
const MIN_LOOKS = 3;
/** While there is trouble, looks are no further apart than this, so that it is soon known whether it stays. */
export const MAX_PAUSE_MS = 30_000;

/** What a failed look means for the wait; `undefined` when it ends it, or when it passes by itself (network, 429, 5xx). */
export function troubleOf({ code, retryable }: PipelineError): Trouble | undefined {
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
      return "odd";
    default:
      return undefined;
  }
}

/** Counts how long a trouble lasts without a good look in between. */
export class Patience {
  readonly #clock: Clock;
  readonly #troubles = new Map<Trouble, { readonly since: number; looks: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A look has found what it should. */
  restore(): void {
    this.#troubles.clear();
  }

  /** Notes a trouble; false when it has lasted so long that it is to be believed. */
  bears(trouble: Trouble): boolean {
    const known = this.#troubles.get(trouble) ?? { since: this.#clock.now(), looks: 0 };
    known.looks += 1;
    this.#troubles.set(trouble, known);
    return this.#clock.now() - known.since < SAT_OUT_MS[trouble] || known.looks < MIN_LOOKS;
  }

  /** The error of a trouble that has lasted too long: it says since when. */
  exhausted(trouble: Trouble, error: PipelineError): PipelineError {
    const { since, looks } = this.#troubles.get(trouble) ?? { since: this.#clock.now(), looks: 1 };
    const lastedMs = this.#clock.now() - since;
    const message = `${error.message} It has been like this for ${formatDuration(lastedMs)}, ${looks} looks in a row.`;
    const details = { ...error.details, lastedMs, looks };
    return new PipelineError(error.code, message, { details, cause: error.cause ?? error });
  }
}
