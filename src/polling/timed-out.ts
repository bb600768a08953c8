import { PipelineError } from "../errors/pipeline-error.ts";
import { formatDuration } from "./format-duration.ts";
import { LimitReached } from "./within-limit.ts";

/** A wait that has reached its limit. */
export interface TimedOutWait {
  /** What was waited for, as it reads in "Waited 15 min for ...". */
  readonly goal: string;
  /** The last state that was seen, as it reads in "The last state was: ..."; absent when no look found one. */
  readonly state: string | undefined;
  /** How long the wait has really lasted, in milliseconds. */
  readonly elapsedMs: number;
  readonly attempts: number;
  /** Why the last look found no state, if it did not. */
  readonly error: PipelineError | LimitReached | undefined;
}

/** The error of a wait whose limit is over: how long it was, for what, what was seen last, and why that may be out of date. */
export function timedOutError({ goal, state, elapsedMs, attempts, error }: TimedOutWait): PipelineError {
  const sentences = [`Waited ${formatDuration(elapsedMs)} for ${goal}`];
  if (state !== undefined) {
    sentences.push(`The last state was: ${state}`);
  }
  if (error instanceof LimitReached) {
    sentences.push(`The last request was not answered within ${formatDuration(error.limitMs)}`);
  } else if (error) {
    sentences.push(`The last request failed: ${error.message}`);
  }
  return new PipelineError("TIMED_OUT", sentences.map(withFullStop).join(" "), {
    retryable: false,
    details: { state: state ?? "unknown", elapsedMs, attempts },
    cause: error,
  });
}

function withFullStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
