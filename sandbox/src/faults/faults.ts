import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

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

/** Writes an error in a service's own format. */
export type Refuse = (
  status: number,
  code: string,
  message: string,
  details?: Readonly<Record<string, string>>,
) => void;

/** What AWS says with some codes. */
function messageOf(code: string, service: FaultService, operation: string): string {
  const action = `${service}:${operation}`;
  const messages: Readonly<Record<string, string>> = {
    AccessDenied: "Access Denied",
    AccessDeniedException: `User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: ${action} on resource: * because no identity-based policy allows the ${action} action`,
    UnauthorizedOperation: "You are not authorized to perform this operation.",
    NotImplemented: "A header you provided implies functionality that is not implemented",
  };
  return messages[code] ?? "Injected fault.";
}

/** The injected faults of a sandbox; they can be changed at any time. */
export interface Faults {
  /** Returns the id to remove the rule by. */
  add(rule: FaultRule): string;
  remove(id: string): void;
  /** Removes every rule and resets every switch below. */
  clear(): void;
  list(): ActiveFault[];
  /** Number of next StartInstances and RunInstances requests that are answered `InsufficientInstanceCapacity`. */
  capacityMissing: number;
  /** Number of next starts that are accepted but end with `pending` back to `stopped` (`Client.InternalError`). */
  startFailures: number;
  /** The same for lack of capacity (`Server.InsufficientInstanceCapacity`). */
  capacityLost: number;
  /** The agents of instances that start from now on never register. */
  neverOnline: boolean;
  /** Commands are accepted but never reach the instance, so that they run into their delivery limit. */
  neverDelivered: boolean;
  /** The instances of the next jobs of Batch that start are reclaimed while the jobs run, as spot instances are. */
  spotReclaims: number;
  /** Number of next jobs of Batch whose image can't be pulled. */
  pullFailures: number;
  /** No job of Batch starts, and the first one of each queue is RUNNABLE for this reason. */
  batchBlocked: string | false;
  /** Jobs of Batch that are over are unknown, as some days after their end. */
  jobsForgotten: boolean;
  /** Number of next pages of a log that are empty although there are more events. */
  emptyLogPages: number;
  /** How far the clock of AWS is ahead of that of this computer, in milliseconds; negative: behind. */
  clockAheadMs: number;
  /** Workers started from now on crash: `true`: once they have a run; a state: when their run reaches it. */
  workerCrash: boolean | string;
  /** Workers started from now on lock a run and never finish it. */
  runNeverEnds: boolean;
  /**
   * Applies the matching faults to one request. `true` when a fault has answered it (or destroyed its connection), so
   * that the caller must not touch the response again. After a latency, the client may have disconnected.
   */
  apply(
    service: FaultService,
    operation: string,
    req: IncomingMessage,
    res: ServerResponse,
    refuse: Refuse,
  ): Promise<boolean>;
}

/** Each service's error for "too many requests". */
const THROTTLES: Readonly<Record<FaultService, readonly [status: number, code: string]>> = {
  s3: [503, "SlowDown"],
  ec2: [503, "RequestLimitExceeded"],
  ssm: [400, "ThrottlingException"],
  sts: [400, "Throttling"],
  iam: [400, "Throttling"],
  batch: [429, "TooManyRequestsException"],
  logs: [400, "ThrottlingException"],
  lightly: [429, "TOO_MANY_REQUESTS"],
  pexels: [429, "Too Many Requests"],
};

type Counted = { -readonly [K in keyof ActiveFault]: ActiveFault[K] };

/** Creates the faults of a sandbox, initially none. */
export function createFaults(): Faults {
  const rules = new Map<string, { readonly rule: Counted; readonly removed: AbortController }>();
  let lastId = 0;
  const faults: Faults = {
    ...NO_FAULTS,
    add(rule) {
      lastId += 1;
      const id = `fault-${lastId}`;
      rules.set(id, { rule: { ...rule, id, seen: 0, applied: 0 }, removed: new AbortController() });
      return id;
    },
    remove(id) {
      rules.get(id)?.removed.abort();
      rules.delete(id);
    },
    clear() {
      for (const id of rules.keys()) {
        faults.remove(id);
      }
      Object.assign(faults, NO_FAULTS);
    },
    list: () => [...rules.values()].map(({ rule }) => ({ ...rule })),
    async apply(service, operation, req, res, refuse) {
      for (const { rule, removed } of rules.values()) {
        const hasHeader = rule.header === undefined || req.headers[rule.header.toLowerCase()] !== undefined;
        if (hasHeader && isDue(rule, service, operation)) {
          await delay(rule.latencyMs, removed.signal);
          if (strike(rule, { service, operation }, req, res, refuse)) {
            return true;
          }
        }
      }
      return false;
    },
  };
  return faults;
}

const NO_FAULTS = {
  capacityMissing: 0,
  startFailures: 0,
  capacityLost: 0,
  neverOnline: false,
  neverDelivered: false,
  spotReclaims: 0,
  pullFailures: 0,
  batchBlocked: false,
  jobsForgotten: false,
  emptyLogPages: 0,
  clockAheadMs: 0,
  workerCrash: false,
  runNeverEnds: false,
} as const satisfies Partial<Faults>;

function isDue(rule: Counted, service: FaultService, operation: string): boolean {
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

/** Not unref'ed: a request that is being answered keeps the process alive anyway. */
async function delay(ms: number | undefined, removed: AbortSignal): Promise<void> {
  if (ms !== undefined && ms > 0) {
    await sleep(ms, undefined, { signal: removed }).catch(() => {});
  }
}

/** Whether it has answered the request. */
function strike(
  rule: FaultRule,
  { service, operation }: { readonly service: FaultService; readonly operation: string },
  req: IncomingMessage,
  res: ServerResponse,
  refuse: Refuse,
): boolean {
  const [throttleStatus, throttleCode] = THROTTLES[service];
  switch (rule.kind) {
    case "latency":
      return false;
    case "hang":
      return true;
    case "reset":
      req.socket.resetAndDestroy();
      return true;
    case "lost":
      loseResponse(req, res);
      return false;
    case "malformed":
      res.writeHead(200, {
        "content-type": service === "ssm" || service === "logs" ? "application/x-amz-json-1.1" : "text/plain",
      });
      res.end("<<< injected: neither XML nor JSON {");
      return true;
    case "throttle":
      refuse(
        rule.status ?? throttleStatus,
        rule.code ?? throttleCode,
        rule.message ?? "Injected fault: too many requests.",
      );
      return true;
    case "status": {
      const status = rule.status ?? 500;
      const code = rule.code ?? (status >= 500 ? "InternalError" : "InjectedFault");
      const message = rule.message ?? messageOf(code, service, operation);
      refuse(status, code, message, rule.header === undefined ? {} : { Header: rule.header });
      return true;
    }
  }
}

/** Breaks the connection as soon as the response begins. */
function loseResponse(req: IncomingMessage, res: ServerResponse): void {
  res.write = () => {
    req.socket.resetAndDestroy();
    return false;
  };
  res.end = () => {
    req.socket.resetAndDestroy();
    return res;
  };
}
