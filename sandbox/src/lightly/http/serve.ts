import type { IncomingMessage, ServerResponse } from "node:http";
import http from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isLocalHost, isLoopback } from "../../aws/same-machine.ts";
import type { Faults } from "../../faults/faults.ts";
import { isSame } from "../../is-same.ts";
import { ApiFault, invalid } from "./api-fault.ts";
import { SchemaFault } from "./body-schema.ts";
import { readQuery } from "./query-parameters.ts";
import { createRouter, type Match, type Route, type RouteResponse, refusal } from "./router.ts";

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

export interface ServeOptions {
  readonly routes: readonly Route[];
  readonly token: string;
  /** Whether a public token allows this request. */
  readonly allows: (publicToken: string, match: Match) => boolean;
  /** Called before each request is handled. */
  readonly beforeEach: () => void;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}

/**
 * An HTTP server over a table of routes. For an error it logs the route's pattern and the status, never a path,
 * a query or a body.
 */
export function serve(options: ServeOptions): http.Server {
  const find = createRouter(options.routes);

  function responseTo(
    message: IncomingMessage,
    match: Match,
    url: URL,
    bytes: Buffer,
  ): RouteResponse | Promise<RouteResponse> {
    const { options: route, handle } = match.route;
    authorize(message, match, url);
    options.beforeEach();
    const query = readQuery(route.query ?? {}, url.searchParams);
    const body = route.raw === true ? undefined : readJson(bytes, message, route);
    return handle({ params: match.params, query: query as never, body: body as never, message });
  }

  function authorize(message: IncomingMessage, match: Match, url: URL): void {
    const access = match.route.options.access ?? "token";
    const publicToken = url.searchParams.get("publicToken");
    const given = url.searchParams.get("token") ?? bearer(message.headers.authorization);
    if (access === "open" || (given !== undefined && isSame(given, options.token))) {
      return;
    }
    if (access === "public" && publicToken !== null && options.allows(publicToken, match)) {
      return;
    }
    throw new ApiFault(401, "UNAUTHORIZED", "The token is missing or not valid.");
  }

  const server = http.createServer((message, response) => {
    void (async () => {
      let operation = "?";
      try {
        const url = ownUrl(message);
        const match = find(message.method ?? "GET", url.pathname);
        if (match === undefined) {
          throw new ApiFault(404, "NOT_FOUND", "The API has no such method and path.");
        }
        operation = match.route.operation;
        const refuse = (status: number, code: string, text: string) => {
          void send(response, refusal(status, code, text));
        };
        // A request that has arrived as a whole is processed, even if its client does not wait for the response.
        const bytes = match.route.options.raw === true ? Buffer.alloc(0) : await readBytes(message);
        if (!(await options.faults.apply("lightly", operation, message, response, refuse))) {
          await send(response, await responseTo(message, match, url, bytes));
        }
      } catch (error) {
        if (response.destroyed) {
          return; // The client has disconnected.
        }
        await send(response, toRefusal(error, operation, options.log));
      }
      // 404 is not logged: clients poll for a run until it exists.
      if (response.statusCode >= 400 && response.statusCode !== 404) {
        options.log(`lightly: ${operation} was answered ${response.statusCode}`);
      }
    })();
  });
  server.on("connection", (socket: Socket) => {
    if (!isLoopback(socket.localAddress)) {
      socket.destroy();
    }
  });
  // Idle connections outlive the pauses between two polls.
  server.keepAliveTimeout = 65_000;
  return server;
}

/** A page in a browser may reach a loopback port under another host name; such a name is refused. */
function ownUrl(message: IncomingMessage): URL {
  if (!isLocalHost(message)) {
    throw new ApiFault(403, "FORBIDDEN", "The sandbox answers only requests to 127.0.0.1 and localhost.");
  }
  try {
    return new URL(`http://127.0.0.1${message.url ?? "/"}`);
  } catch {
    throw invalid("BAD_REQUEST", "The request's target is not a path.");
  }
}

function bearer(header: string | undefined): string | undefined {
  return header !== undefined && /^bearer /i.test(header) ? header.slice(7).trim() : undefined;
}

async function readBytes(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) {
      throw new ApiFault(413, "PAYLOAD_TOO_LARGE", `The body is larger than ${BODY_LIMIT_BYTES} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readJson(bytes: Buffer, message: IncomingMessage, options: Route["options"]): unknown {
  if (options.body === undefined) {
    if (bytes.length > 0) {
      throw invalid("MALFORMED_REQUEST", "This request must not have a body.");
    }
    return undefined;
  }
  if (!/^application\/json\b/i.test(message.headers["content-type"] ?? "")) {
    throw invalid("MALFORMED_REQUEST", "The body must be sent as application/json.");
  }
  const code = options.invalid ?? "MALFORMED_REQUEST";
  try {
    return options.body.check(JSON.parse(bytes.toString("utf8")), "");
  } catch (error) {
    const text = error instanceof SchemaFault ? error.message : "The body is not valid JSON.";
    throw invalid(error instanceof SchemaFault ? code : "MALFORMED_REQUEST", text);
  }
}

function toRefusal(error: unknown, operation: string, log: (line: string) => void): RouteResponse {
  if (error instanceof ApiFault) {
    return refusal(error.status, error.code, error.message);
  }
  log(`lightly: ${operation} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return refusal(500, "INTERNAL_SERVER_ERROR", "The sandbox's Lightly API failed; see its log.");
}

async function send(response: ServerResponse, { status, headers, body }: RouteResponse): Promise<void> {
  if (response.headersSent || response.destroyed) {
    if (body instanceof Readable) {
      body.destroy();
    }
    return;
  }
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    await pipeline(body, response).catch(() => response.destroy());
    return;
  }
  const bytes = body === undefined ? undefined : Buffer.from(body);
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { "content-length": bytes?.length ?? 0 }) });
  response.end(bytes);
}
