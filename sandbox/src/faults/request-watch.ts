import type { ServerResponse } from "node:http";
import type { FaultService, Faults } from "./faults.ts";

/**
 * Where a request stands: the sandbox has it and has done nothing yet (`arrived`), has done what it asks for and is about to say so
 * (`answering`), has said so (`answered`), or lost its client before it could (`broken`).
 */
export type RequestPhase = "arrived" | "answering" | "answered" | "broken";

/** A request on its way through the sandbox. */
export interface WatchedRequest {
  readonly service: FaultService;
  /** As faults name it: `PutObject`, `POST /v1/datasets`. */
  readonly operation: string;
  readonly phase: RequestPhase;
  /** From `answering` on. */
  readonly status?: number;
  readonly userAgent: string;
}

/** Tells of every request at the moment itself, so that whoever hears it may act before the answer leaves. */
export type OnRequest = (request: WatchedRequest) => void;

/** The same faults, which every request of every service passes, with somebody who watches them pass. */
export function watchRequests(faults: Faults, onRequest: OnRequest): Faults {
  const apply = faults.apply.bind(faults);
  faults.apply = (service, operation, req, res, refuse) => {
    tell(onRequest, { service, operation, userAgent: req.headers["user-agent"] ?? "" }, res);
    return apply(service, operation, req, res, refuse);
  };
  return faults;
}

function tell(onRequest: OnRequest, request: Omit<WatchedRequest, "phase">, res: ServerResponse): void {
  onRequest({ ...request, phase: "arrived" });
  const writeHead = res.writeHead.bind(res) as (...given: unknown[]) => ServerResponse;
  res.writeHead = ((status: number, ...rest: unknown[]) => {
    onRequest({ ...request, phase: "answering", status });
    return writeHead(status, ...rest);
  }) as typeof res.writeHead;
  const status = (): { status?: number } => (res.headersSent ? { status: res.statusCode } : {});
  // Not at "close", which a kept connection may bring late.
  res.once("finish", () => onRequest({ ...request, phase: "answered", ...status() }));
  res.once("close", () => {
    if (!res.writableFinished) {
      onRequest({ ...request, phase: "broken", ...status() });
    }
  });
}
