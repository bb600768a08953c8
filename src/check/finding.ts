import { type PipelineError, toPipelineError } from "../errors/pipeline-error.ts";

/** What is checked, in the order of a report. */
export const CHECKS = [
  "values",
  "region",
  "credentials",
  "clock",
  "permissions",
  "bucket",
  "queue",
  "definition",
  "log",
  "instance",
  "shutdown",
  "agent",
  "script",
  "docker",
  "gpu",
  "disk",
  "studio",
  "token",
  "worker",
  "datasources",
  "pexels",
] as const;

export type CheckName = (typeof CHECKS)[number];

/** `unchecked`: it could not be checked, which says nothing about the flow. */
export type FindingStatus = "ok" | "warning" | "problem" | "unchecked";

/** One result of a check. */
export interface Finding {
  readonly check: CheckName;
  readonly status: FindingStatus;
  /** What was checked: a bucket, the id of an instance, `account "AWS"`. */
  readonly resource: string;
  /** What was found, and what to do about it, in sentences. */
  readonly message: string;
  /** The code of the error that a run would end with. */
  readonly code?: string;
}

/** A finding without the name of its check. */
export type Result = Omit<Finding, "check">;

export function ok(resource: string, message: string): Result {
  return { status: "ok", resource, message };
}

export function warning(resource: string, message: string): Result {
  return { status: "warning", resource, message };
}

export function problem(resource: string, message: string): Result {
  return { status: "problem", resource, message };
}

/** @param why - completes "Not checked: ..." */
export function unchecked(resource: string, why: string): Result {
  return { status: "unchecked", resource, message: `Not checked: ${why}` };
}

/** An error of a check: a problem, unless the check itself was not permitted or got no response. */
export function failure(resource: string, thrown: unknown): Result {
  const error = toPipelineError(thrown);
  return isAboutCheck(error)
    ? unchecked(resource, error.message)
    : { status: "problem", resource, message: error.message, code: error.code };
}

/** An error of an action that only the check needs: without the permission it is no problem of the flow. */
export function notPermitted(resource: string, thrown: unknown, action: string): Result {
  const error = toPipelineError(thrown);
  return error.code.endsWith("_ACCESS_DENIED") ? unchecked(resource, `needs ${action}.`) : failure(resource, error);
}

function isAboutCheck({ code }: PipelineError): boolean {
  return /^(?:ABORTED|TIMED_OUT|AWS_RATE_LIMITED|LIGHTLY_RATE_LIMITED|PEXELS_RATE_LIMITED)$/.test(code);
}
