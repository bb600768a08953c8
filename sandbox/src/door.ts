import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/**
 * A further port of a running server that can be shut while the server goes on: who connects then is refused, and who was connected
 * is cut off. That is how the network to one service fails, and to the others does not.
 */
export class Door {
  readonly #behind: HttpServer;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  private constructor(behind: HttpServer) {
    this.#behind = behind;
  }

  /** Opens a door at any free port of 127.0.0.1. */
  static async to(behind: HttpServer): Promise<Door> {
    const door = new Door(behind);
    await door.open();
    return door;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Opens it (again), at the same port. */
  async open(): Promise<void> {
    if (this.#server !== undefined) {
      return;
    }
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      this.#behind.emit("connection", socket);
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Shuts it. Resolves when nobody is connected any more. */
  async shut(): Promise<void> {
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
