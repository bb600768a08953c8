import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../../src/polling/clock.ts";
import { createLightlyClient, type LightlyClient } from "../../../src/services/lightly/client/lightly-client.ts";
import { FakeClock } from "../../support/fake-clock.ts";

export const TOKEN = "s3cr3t-t0ken/with+odd&chars";
export const DS = "65f0c1a2b3c4d5e6f7a8b9c0";
export const CFG = "65f0c1a2b3c4d5e6f7a8b9c1";
export const SCH = "65f0c1a2b3c4d5e6f7a8b9c2";
export const RUN = "65f0c1a2b3c4d5e6f7a8b9c3";
export const T0 = "65f0c1a2b3c4d5e6f7a8b9d0";
export const T1 = "65f0c1a2b3c4d5e6f7a8b9d1";

/** A received request. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  /** The raw query, with the token. */
  readonly search: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  readonly body: unknown;
}

/** A response, or a fault of the connection. */
export type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | "reset"
  | "hang"
  | "cut off"
  | ((seen: Seen, response: ServerResponse) => Reply | Promise<Reply>);

/** A real server with all responses defined by the test. */
export interface StubLightly {
  readonly url: string;
  readonly seen: Seen[];
  readonly clock: FakeClock;
  readonly client: LightlyClient;
  /** The consecutive responses to `GET /v1/...`; the last one is repeated. */
  on(endpoint: string, ...replies: Reply[]): void;
  /** The requests to one endpoint. */
  to(endpoint: string): Seen[];
  connect(o?: { requestTimeoutMs?: number; clock?: Clock; fetch?: typeof fetch; token?: string }): LightlyClient;
  reset(): void;
  close(): Promise<void>;
}

export async function startStubLightly(): Promise<StubLightly> {
  const routes = new Map<string, Reply[]>();
  const seen: Seen[] = [];
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString();
    const url = new URL(message.url ?? "/", "http://stub");
    const { method = "" } = message;
    const request: Seen = {
      method,
      path: url.pathname,
      search: url.search,
      query: url.searchParams,
      headers: message.headers,
      text,
      body: text === "" ? undefined : JSON.parse(text),
    };
    seen.push(request);
    const replies = routes.get(`${method} ${url.pathname}`) ?? [];
    let reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? {
      status: 599,
      body: `no route ${method} ${url.pathname}`,
    };
    while (typeof reply === "function") {
      reply = await reply(request, response);
    }
    await answer(reply, message, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let clock = new FakeClock({ now: 0 });
  const stub: StubLightly = {
    url,
    seen,
    get clock() {
      return clock;
    },
    get client() {
      return stub.connect();
    },
    on: (endpoint, ...replies) => void routes.set(endpoint, replies),
    to: (endpoint) => seen.filter(({ method, path }) => `${method} ${path}` === endpoint),
    connect: ({ token = TOKEN, ...o } = {}) => createLightlyClient({ token, server: url, clock, ...o }),
    reset() {
      routes.clear();
      seen.length = 0;
      clock = new FakeClock({ now: 0 });
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return stub;
}

async function answer(
  reply: Exclude<Reply, (...args: never[]) => unknown>,
  message: IncomingMessage,
  response: ServerResponse,
) {
  if (reply === "hang") {
    return;
  }
  if (reply === "reset") {
    message.socket.resetAndDestroy();
    return;
  }
  if (reply === "cut off") {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"half');
    setImmediate(() => message.socket.destroy());
    return;
  }
  const { status, body, headers = {} } = reply;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body));
}

export const json = (body: unknown): Reply => ({ status: 200, body: JSON.stringify(body) });
export const created = (id: string): Reply => ({ status: 201, body: { id } });
export const refused = (status: number, code: string, error = "no"): Reply => ({ status, body: { code, error } });

export const dataset = (name: string, o: { id?: string; type?: string } = {}) => ({
  id: o.id ?? DS,
  name,
  userId: "u",
  type: o.type ?? "Videos",
  nSamples: 0,
  sizeInBytes: 0,
  createdAt: 1,
  lastModifiedAt: 1,
});

export const scheduled = (state: string, o: { id?: string; configId?: string; createdAt?: number } = {}) => ({
  id: o.id ?? SCH,
  datasetId: DS,
  configId: o.configId ?? CFG,
  priority: "MID",
  runsOn: [],
  state,
  createdAt: o.createdAt ?? 1,
  lastModifiedAt: 1,
});

export const run = (state: string, message?: string) => ({
  id: RUN,
  userId: "u",
  dockerVersion: "2.13.0",
  state,
  ...(message === undefined ? {} : { message }),
  createdAt: 1,
  lastModifiedAt: 1,
});

/** A signal that is never aborted. */
export const never = (): AbortSignal => new AbortController().signal;
