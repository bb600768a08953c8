import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";
import type { Trust } from "./http-agents.ts";

/** Measured at 1 GiB: larger buffers take less processor time from a fast server, and are slower beside other work. */
const BUFFER_BYTES = 64 * 1024;

/** Receives the first `length` bytes of a buffer that is used again afterwards. */
type Receive = (bytes: Buffer, length: number) => void;

/** Who reads a socket in place of node:http. */
const READERS = new WeakMap<Socket, Receive>();

/** Makes a socket of this agent pass what it receives to a reader in place of node:http. */
export function takeOverSocket(socket: Socket, receive: Receive): void {
  READERS.set(socket, receive);
}

/**
 * Creates an agent for one request that reads a large file. Its connection reads into one buffer again and again. By default a socket
 * allocates 64 KiB for each read, which only a full garbage collection frees: a hundred of them per GiB.
 *
 * The buffer can be used again at once, because the parser of node:http copies the body. The connection is not kept, because one that is
 * upgraded later would lose bytes.
 *
 * @param trust - trusted certificates, as options of TLS
 */
export function createReadingAgent(isSecure: boolean, trust: ReturnType<Trust>): HttpAgent {
  const onread = {
    buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
    callback(this: Socket, length: number, buffer: Buffer): boolean {
      const receive = READERS.get(this);
      if (receive === undefined) {
        this.emit("data", buffer.subarray(0, length));
      } else {
        receive(buffer, length);
      }
      return true;
    },
  };
  // Options of an agent are also those of its sockets.
  const options = { keepAlive: false, ...trust, onread };
  return isSecure ? new HttpsAgent(options) : new HttpAgent(options);
}
