import type { ServerResponse } from "node:http";
import type { FaultService } from "./fault-rule.ts";
import type { Faults } from "./faults.ts";

/**
 * The phase of a request: received and not processed yet (`arrived`), processed and about to be answered
 * (`answering`), answered (`answered`), or disconnected before the response (`broken`).
 */
export type RequestPhase = "arrived" | "answering" | "answered" | "broken";

/** A request in the sandbox. */
export interface WatchedRequest {
  readonly service: FaultService;
  /** The operation as in a fault: `PutObject`, `POST /v1/datasets`. */
  readonly operation: string;
  readonly phase: RequestPhase;
  /** From `answering` on. */
  readonly status?: number;
  readonly userAgent: string;
}

/** Receives every phase of every request synchronously, so that a test can act before the response is sent. */
export type OnRequest = (request: WatchedRequest) => void;

/** Reports every request to `onRequest`; all requests of all services pass through the faults. */
export function watchRequests(faults: Faults, onRequest: OnRequest): Faults {
  const apply = faults.apply.bind(faults);
  faults.apply = (service, operation, req, res, refuse) => {
    report(onRequest, { service, operation, userAgent: req.headers["user-agent"] ?? "" }, res);
    return apply(service, operation, req, res, refuse);
  };
  return faults;
}

function report(onRequest: OnRequest, request: Omit<WatchedRequest, "phase">, res: ServerResponse): void {
  onRequest({ ...request, phase: "arrived" });
  const writeHead = res.writeHead.bind(res) as (...given: unknown[]) => ServerResponse;
  res.writeHead = ((status: number, ...rest: unknown[]) => {
    onRequest({ ...request, phase: "answering", status });
    return writeHead(status, ...rest);
  }) as typeof res.writeHead;
  const status = (): { status?: number } => (res.headersSent ? { status: res.statusCode } : {});
  // Not at "close", which may be late on a keep-alive connection.
  res.once("finish", () => onRequest({ ...request, phase: "answered", ...status() }));
  res.once("close", () => {
    if (!res.writableFinished) {
      onRequest({ ...request, phase: "broken", ...status() });
    }
  });
}
