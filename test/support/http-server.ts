import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

/** A local server of a test. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts a server that calls `answer` for each request.
 *
 * @param tls - its key and certificates, if it uses https
 */
export async function serveHttp(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  tls?: { readonly key: string; readonly cert: string },
): Promise<HttpServer> {
  const respond = (request: IncomingMessage, response: ServerResponse): void => void answer(request, response);
  const server = tls ? createSecureServer(tls, respond) : createServer(respond);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http${tls ? "s" : ""}://127.0.0.1:${port}`,
    port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
