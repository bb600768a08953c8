/** The services of the sandbox that can have faults. */
export type FaultService = "s3" | "ec2" | "ssm" | "sts" | "iam" | "batch" | "logs" | "lightly" | "pexels";

/** What goes wrong, where, and how often. */
export interface FaultRule {
  readonly service: FaultService | "*";
  /**
   * `PutObject`, `POST /v1/datasets`, ...; `*` matches any string, case is ignored; absent: every operation.
   * `--help` lists the names.
   */
  readonly operation?: string;
  /**
   * `latency` waits and then lets the request through; `status` and `throttle` return an error; `reset` breaks the
   * connection; `lost` lets the request through and breaks the connection instead of responding; `malformed` returns 200 with a body that is
   * neither XML nor JSON; `hang` never responds.
   */
  readonly kind: FaultKind;
  /** For `latency` the delay, for every other kind a delay before it is applied. It ends when the rule is removed. */
  readonly latencyMs?: number;
  readonly status?: number;
  readonly code?: string;
  /** The text of an error; default one that fits the code. */
  readonly message?: string;
  /** Only requests with this header, which the error of S3 then names. */
  readonly header?: string;
  /** Number of requests that it is applied to; unlimited by default. */
  readonly times?: number;
  /** Number of matching requests that pass first. */
  readonly after?: number;
}

export const FAULT_KINDS = ["latency", "status", "reset", "lost", "malformed", "throttle", "hang"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const FAULT_SERVICES = ["s3", "ec2", "ssm", "sts", "iam", "batch", "logs", "lightly", "pexels", "*"] as const;

/** A rule with its counters. */
export interface ActiveFault extends FaultRule {
  readonly id: string;
  /** Requests that matched, including those that passed because of `after`. */
  readonly seen: number;
  /** Requests that it was applied to. */
  readonly applied: number;
}

/** A rule whose counters change. */
export type Counted = { -readonly [K in keyof ActiveFault]: ActiveFault[K] };

/** Counts a request, and returns whether the rule is applied to it. */
export function isDue(rule: Counted, service: FaultService, operation: string): boolean {
  if ((rule.service !== "*" && rule.service !== service) || !matchesOperation(rule.operation, operation)) {
    return false;
  }
  if (rule.times !== undefined && rule.applied >= rule.times) {
    return false;
  }
  rule.seen += 1;
  if (rule.seen <= (rule.after ?? 0)) {
    return false;
  }
  rule.applied += 1;
  return true;
}

/** Whether a rule with this `operation` applies to an operation. */
export function matchesOperation(pattern: string | undefined, operation: string): boolean {
  if (pattern === undefined || pattern === "" || pattern === "*") {
    return true;
  }
  const escaped = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "i").test(operation);
}
