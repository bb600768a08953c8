import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/**
 * An extra port of a running server that can be closed while the server continues: new connections are refused and open ones are
 * reset. It simulates a network failure of one service that leaves the others reachable.
 */
export class ServicePort {
  readonly #target: HttpServer;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(target: HttpServer) {
    this.#target = target;
  }

  /** Opens any free port of 127.0.0.1 for the server. */
  static async for(target: HttpServer): Promise<ServicePort> {
    const port = new ServicePort(target);
    await port.open();
    return port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Opens the port; after {@link close} the same port number again. */
  async open(): Promise<void> {
    if (this.#server !== undefined) {
      return;
    }
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      this.#target.emit("connection", socket);
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Closes the port. Resolves when all its connections are reset. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) {
      const closed = once(server, "close");
      server.close();
      for (const socket of this.#sockets) {
        socket.resetAndDestroy();
      }
      await closed;
    }
  }
}
