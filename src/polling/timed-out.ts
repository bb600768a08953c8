import { PipelineError } from "../errors/pipeline-error.ts";
import { formatDuration } from "./format-duration.ts";
import { LimitReached } from "./within-limit.ts";

export interface TimedOutOptions {
  /** The goal of the wait; completes "Waited 15 min for ...". */
  readonly goal: string;
  /** The last known state; completes "The last state was: ...". `undefined` if no check has found a state. */
  readonly state: string | undefined;
  /** How long the wait has lasted, in milliseconds. */
  readonly elapsedMs: number;
  readonly attempts: number;
  /** Why the last check found no state. */
  readonly error: PipelineError | LimitReached | undefined;
}

/** Creates the error of a wait that has reached its limit, with its duration, its goal, the last state, and why it may be outdated. */
export function timedOutError({ goal, state, elapsedMs, attempts, error }: TimedOutOptions): PipelineError {
  const sentences = [`Waited ${formatDuration(elapsedMs)} for ${goal}`];
  if (state !== undefined) {
    sentences.push(`The last state was: ${state}`);
  }
  if (error instanceof LimitReached) {
    sentences.push(`The last request got no response within ${formatDuration(error.limitMs)}`);
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
