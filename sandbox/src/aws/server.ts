import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Faults } from "../faults/faults.ts";
import { splitOnce } from "../split-once.ts";
import { authFault } from "./auth-faults.ts";
import { AwsFault } from "./aws-fault.ts";
import type { AwsCredentials, AwsRequest, AwsService, AwsServiceName } from "./aws-service.ts";
import { collect, readPayload } from "./payload.ts";
import { guessService, headerText, type RequestSignature, readSignature } from "./request-signature.ts";
import { isLocalHost, isLoopback } from "./same-machine.ts";
import { scopeText, sha256Hex, UNSIGNED_PAYLOAD } from "./signature-v4.ts";
import { verifySignature } from "./verify-signature.ts";

/** Limit of a body that is read into memory; S3's longest XML (10,000 parts with checksums) fits. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

export interface AwsServerOptions {
  readonly credentials: AwsCredentials;
  readonly services: readonly AwsService[];
  readonly faults: Faults;
  /** Answers `/_sandbox/…`, which is not signed; `false` for any other path. */
  readonly control?: (message: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Receives one line for each unexpected error. */
  readonly log?: (line: string) => void;
}

/**
 * The sandbox's one AWS endpoint: checks each request's signature and passes it to the service in its credential
 * scope. The caller listens (on 127.0.0.1) and closes; connections from other machines are dropped.
 */
export function createAwsServer(options: AwsServerOptions): Server {
  const server = createServer((message, response) => {
    serve(options, message, response).catch((error: unknown) => {
      options.log?.(`aws: ${error instanceof Error ? error.message : String(error)}`);
      response.destroy();
    });
  });
  server.on("connection", (socket: Socket) => {
    if (!isLoopback(socket.localAddress)) {
      socket.destroy();
    }
  });
  // Uploads have no time limit; idle connections outlive the pauses between the steps of a flow.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  return server;
}

async function serve(options: AwsServerOptions, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  response.setHeader("x-amz-request-id", requestId);
  response.setHeader("x-amzn-requestid", requestId);
  response.setHeader("date", clockOf(options).toUTCString());
  if (!isLocalHost(message)) {
    response.writeHead(403, { "content-type": "text/plain", connection: "close" });
    response.end("The sandbox answers only to 127.0.0.1 and localhost.\n");
    return;
  }
  if (message.url?.startsWith("/_sandbox/") && options.control && (await options.control(message, response))) {
    return;
  }
  let name = guessService(message);
  try {
    const url = new URL(message.url ?? "/", "http://127.0.0.1");
    const signature = readSignature(message, url.searchParams);
    name = signature.service;
    await dispatch(options, await admit(options, message, response, url, signature, requestId));
  } catch (error) {
    refuse(options, name, message, response, error);
  }
}

/** The time by the clock of AWS, which a fault may set wrong. */
function clockOf({ faults }: AwsServerOptions): Date {
  return new Date(Date.now() + faults.clockAheadMs);
}

/** Verifies a signature and returns the authenticated request. */
async function admit(
  options: AwsServerOptions,
  message: IncomingMessage,
  response: ServerResponse,
  url: URL,
  signature: RequestSignature,
  requestId: string,
): Promise<AwsRequest> {
  const { service, scope, accessKeyId } = signature;
  const presigned = signature.expiresSeconds !== undefined;
  let payloadHash = headerText(message, "x-amz-content-sha256");
  let whole: Promise<Buffer> | undefined;
  if (presigned && service !== "s3") {
    // Such a signature does not cover the body, and the body is what the other services act on.
    throw authFault(service, "malformedUrl", "Only S3 accepts presigned URLs here.");
  }
  if (presigned) {
    payloadHash = url.searchParams.get("X-Amz-Content-Sha256") ?? payloadHash ?? UNSIGNED_PAYLOAD;
  } else if (service !== "s3") {
    // Not every SDK sends the hash to the query and JSON services, so it is computed from the bytes.
    const bytes = await collect(message.iterator({ destroyOnReturn: false }), MAX_BODY_BYTES);
    whole = Promise.resolve(bytes);
    payloadHash = sha256Hex(bytes);
  } else if (payloadHash === undefined) {
    throw new AwsFault("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256");
  }
  const { caller, key } = verifySignature(signature, message, payloadHash, options.credentials, clockOf(options));
  const signer = { key, date: signature.date, scope: scopeText(scope), seed: signature.signature };
  const payload = readPayload(message, payloadHash, signer);
  const body = () => {
    whole ??= collect(payload.chunks(), MAX_BODY_BYTES);
    return whole;
  };
  const { region } = scope;
  return { message, response, url, accessKeyId, region, service, caller, requestId, presigned, payload, body };
}

async function dispatch(options: AwsServerOptions, request: AwsRequest): Promise<void> {
  const service = options.services.find(({ name }) => name === request.service);
  if (service === undefined) {
    throw authFault(request.service, "malformed", `This sandbox was started without the service ${request.service}.`);
  }
  const operation = service.operation?.(request) ?? (await readOperation(request));
  const { message, response } = request;
  const applied = await options.faults.apply(
    service.name,
    operation,
    message,
    response,
    (status, code, text, details) =>
      refuse(options, service.name, message, response, new AwsFault(code, status, text, details)),
  );
  if (!applied && !response.destroyed) {
    await service.handle(request);
  }
}

/** `AmazonSSM.SendCommand` in a header, or `Action=StartInstances` in a form. */
async function readOperation(request: AwsRequest): Promise<string> {
  const target = headerText(request.message, "x-amz-target");
  if (target !== undefined) {
    return splitOnce(target, ".").at(-1) ?? target;
  }
  const form = new URLSearchParams((await request.body()).toString("utf8"));
  return form.get("Action") ?? request.url.searchParams.get("Action") ?? "";
}

function refuse(
  options: AwsServerOptions,
  name: AwsServiceName,
  message: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  const fault =
    error instanceof AwsFault ? error : new AwsFault("InternalError", 500, "The sandbox failed; see its log.");
  if (!(error instanceof AwsFault) && !message.errored) {
    options.log?.(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  if (response.headersSent || message.errored) {
    response.destroy();
    return;
  }
  const service = options.services.find((one) => one.name === name) ?? options.services[0];
  if (service === undefined) {
    response.writeHead(fault.status).end(fault.message);
  } else {
    service.refuse(response, fault);
  }
  // The rest of the body is read and discarded, otherwise the sender would never read the response.
  message.resume();
}
