import { once } from "node:events";
import { createServer, type IncomingMessage, request as sendRequest } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A proxy of a test on this machine, in front of servers that stand in for the hosts of the Internet. */
export interface TestProxy {
  readonly url: string;
  /** What was asked of it: `CONNECT host:443`, `GET http://host/path`. */
  readonly asked: string[];
  /** The `Proxy-Authorization` headers. */
  readonly authorizations: (string | undefined)[];
  /** How many connections of clients are open. */
  readonly open: number;
  /** Answers all requests with this status, or not at all. */
  refusal: number | "silence" | undefined;
  close(): Promise<void>;
}

/**
 * Starts a proxy that tunnels (`CONNECT`) and forwards (`GET http://...`).
 *
 * @param portOf - the port on this machine of the server that stands in for a host
 */
export async function startProxy(portOf: (host: string) => number): Promise<TestProxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  const note = ({ method, url, headers }: IncomingMessage): void => {
    asked.push(`${method} ${url}`);
    authorizations.push(headers["proxy-authorization"]);
  };
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("connect", (request, client: Socket) => {
    note(request);
    if (proxy.refusal === "silence") {
      // Servers of node:http keep their half of a connection open.
      client.resume().once("end", () => client.end());
      return;
    }
    if (proxy.refusal !== undefined) {
      client.end(`HTTP/1.1 ${proxy.refusal} No\r\ncontent-length: 2\r\n\r\nNo`);
      return;
    }
    const upstream = connect(portOf(request.url?.split(":")[0] ?? ""), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.once("close", () => sockets.delete(upstream));
    upstream.on("error", () => client.destroy());
  });
  server.on("request", (request, response) => {
    note(request);
    if (typeof proxy.refusal === "number") {
      response.writeHead(proxy.refusal).end("No");
      return;
    }
    const { hostname, pathname, search } = new URL(request.url ?? "");
    const upstream = { host: "127.0.0.1", port: portOf(hostname), path: pathname + search };
    request.pipe(
      sendRequest({ ...upstream, method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: TestProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    authorizations,
    get open() {
      return sockets.size;
    },
    refusal: undefined,
    close: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
