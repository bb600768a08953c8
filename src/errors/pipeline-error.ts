import type { ErrorCode } from "./error-codes.ts";
import { redact } from "./redact.ts";

export interface PipelineErrorOptions {
  /** Whether the same request may succeed later without any change. Default `false`. */
  readonly retryable?: boolean;
  /** Plain JSON about the resource: ids, states, limits. No secrets, no signed URLs. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whether the error was reported already, so that Catch must not receive it again. Default `false`. */
  readonly isReported?: boolean;
  /** The underlying error of the SDK, the socket or the file system. */
  readonly cause?: unknown;
}

/**
 * The only error that services throw. Its message says what happened, to which resource, and what to do; flows route on its `code`.
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

  /** The message alone: Node-RED gives Catch nodes this text, where the name of the class would not help. */
  override toString(): string {
    return this.message;
  }

  /** Whether the step was stopped on purpose instead of having failed. */
  get isAbort(): boolean {
    return this.code === "ABORTED";
  }
}

/** Creates the error of a step that was stopped; `reason` completes the sentence "Stopped: ...". */
export function abortedError(reason: unknown): PipelineError {
  if (reason instanceof PipelineError && reason.isAbort) {
    return reason;
  }
  const text = reason instanceof Error ? reason.message : typeof reason === "string" ? reason : "no reason given";
  return new PipelineError("ABORTED", `Stopped: ${text}`, { cause: reason });
}

/** Converts a thrown value into a {@link PipelineError}; one that already is a PipelineError is returned unchanged. */
export function toPipelineError(thrown: unknown): PipelineError {
  if (thrown instanceof PipelineError) {
    return thrown;
  }
  if (thrown instanceof Error && thrown.name === "AbortError") {
    return abortedError(thrown.cause ?? thrown);
  }
  return new PipelineError("INTERNAL", `Unexpected: ${redact(messageOf(thrown))}`, { cause: thrown });
}

/** The message of a thrown value, which may not be convertible to a string. */
function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "a value that can't be converted to a string was thrown";
  }
}
