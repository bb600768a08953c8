import type { ErrorCode } from "./error-codes.ts";
import { redact } from "./redact.ts";

/** What a {@link PipelineError} is made of. */
export interface PipelineErrorOptions {
  /** Whether the same request may succeed later without anybody changing anything. Default `false`. */
  readonly retryable?: boolean;
  /** Plain JSON about the resource: ids, states, limits. Never a secret, never a signed URL. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whether the user was told of the same trouble already, so that Catch is not to be told of it again. Default `false`. */
  readonly isReported?: boolean;
  /** The error of the SDK, the socket or the file system that this one explains. */
  readonly cause?: unknown;
}

/**
 * The one error that leaves a service. Its message says what happened, to which resource, and what to do about it;
 * its `code` is what a flow routes on.
 */
export class PipelineError extends Error {
  override readonly name = "PipelineError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly isReported: boolean;

  constructor(code: ErrorCode, message: string, options: PipelineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
    this.isReported = options.isReported ?? false;
  }

  /** Whether the step was stopped on purpose rather than having failed. */
  get isAbort(): boolean {
    return this.code === "ABORTED";
  }
}

/** The error of a step that was stopped; `reason` completes the sentence "Stopped: ...". */
export function abortedError(reason: unknown): PipelineError {
  if (reason instanceof PipelineError && reason.isAbort) {
    return reason;
  }
  const text = reason instanceof Error ? reason.message : typeof reason === "string" ? reason : "no reason given";
  return new PipelineError("ABORTED", `Stopped: ${text}`, { cause: reason });
}

/** Turns anything that was thrown into a {@link PipelineError}; one that already is comes back as it is. */
export function toPipelineError(thrown: unknown): PipelineError {
  if (thrown instanceof PipelineError) {
    return thrown;
  }
  if (thrown instanceof Error && thrown.name === "AbortError") {
    return abortedError(thrown.cause ?? thrown);
  }
  return new PipelineError("INTERNAL", `Unexpected: ${redact(textOf(thrown))}`, { cause: thrown });
}

/** Whatever was thrown: not each object can become a text, and not each message is one. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "something that can't become a text was thrown";
  }
}
