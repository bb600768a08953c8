import type { IncomingMessage } from "node:http";
import { takeOverSocket } from "../connections/reading-agent.ts";

/** The consumer of a body. */
export interface BodyListener {
  /** Called for the first `length` bytes of a buffer. */
  receive(bytes: Buffer, length: number): void;
  /** Called when nothing more comes, with an error if the body is not complete; may be called again. */
  end(how: { readonly error?: unknown }): void;
}

/** The body of a response as it arrives. It is paused at first. */
export interface BodyFeed {
  /** Whether the memory of received bytes is used again after `receive`. */
  readonly isBorrowed: boolean;
  listen(listener: BodyListener): void;
  pause(): void;
  resume(): void;
}

/** The body as node:http parses it: each chunk is a new copy of what the socket has received. */
export function parsedFeed(message: IncomingMessage): BodyFeed {
  message.pause();
  return {
    isBorrowed: false,
    listen: (listener) => {
      message.on("data", (chunk: Buffer) => listener.receive(chunk, chunk.byteLength));
      message.on("end", () => listener.end({}));
      endWith(message, listener);
    },
    pause: () => message.pause(),
    resume: () => message.resume(),
  };
}

/**
 * The body straight from a socket of the reading agent, without the parser of node:http, which takes half of the processor time of a download.
 * What follows the headers is the body if its length is announced.
 *
 * @returns undefined if the length is not announced, so that only the parser finds the end
 */
export function rawFeed(message: IncomingMessage): BodyFeed | undefined {
  const { socket, headers } = message;
  const length = headers["content-length"];
  if (length === undefined || headers["transfer-encoding"] !== undefined || message.complete) {
    return undefined;
  }
  socket.pause();
  const parsed: Buffer | null = message.read();
  socket.pause(); // to read from the message resumes its socket
  let left = Number(length) - (parsed?.byteLength ?? 0);
  return {
    isBorrowed: true,
    listen: (listener) => {
      takeOverSocket(socket, (bytes, received) => {
        const ofBody = Math.min(received, left);
        left -= ofBody;
        listener.receive(bytes, ofBody);
        if (left === 0) {
          listener.end({});
        }
      });
      endWith(message, listener);
      if (parsed !== null) {
        listener.receive(parsed, parsed.byteLength);
      }
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  };
}

function endWith(message: IncomingMessage, listener: BodyListener): void {
  message.on("error", (error) => listener.end({ error }));
  message.on("close", () => listener.end({ error: new Error("The connection was closed.") }));
}
