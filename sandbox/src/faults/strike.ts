import type { IncomingMessage, ServerResponse } from "node:http";
import type { FaultRule, FaultService } from "./fault-rule.ts";

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

/** Applies a rule to a request. Returns whether it has responded to the request, or destroyed its connection. */
export function strike(
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
