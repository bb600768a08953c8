import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Makes a server listen on 127.0.0.1 only.
 * @param port - 0: any free port
 * @returns its address, e.g. `http://127.0.0.1:4570`
 */
export async function listen(server: Server, port: number, name: string): Promise<string> {
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      throw new Error(`Port ${port} is in use; choose another one with --${name}-port (0 for any).`, { cause: error });
    }
    throw error;
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Closes a server with all its connections. */
export async function stopServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
