import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** How a file is served. */
export interface Serving {
  /** Whether the response has a length. */
  readonly announce: boolean;
  /** The number of bytes after which the open connection stalls. */
  readonly stallAfter?: number;
  /** The number of bytes after which each connection breaks. */
  readonly breakAfter?: number;
}

/** A web server with one video. */
export async function serveBytes(
  bytes: Uint8Array,
  { announce, stallAfter, breakAfter }: Serving,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      "content-type": "video/mp4",
      "accept-ranges": "none",
      ...(announce && { "content-length": bytes.length }),
    });
    if (stallAfter !== undefined) {
      response.write(bytes.subarray(0, stallAfter));
    } else if (breakAfter !== undefined) {
      response.write(bytes.subarray(0, breakAfter), () => response.destroy());
    } else {
      response.end(bytes);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/videos/clip.mp4`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
