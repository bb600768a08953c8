import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a test lets a server do; the count says the how many-th request of this server it is, from 1. */
export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** An HTTP server on this machine, made for one test. */
export interface FileServer {
  readonly url: (path?: string) => URL;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

/** Starts a server that gives every request to `answer`. */
export async function serve(answer: Answer): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path = "/clip.mp4") => new URL(path, `http://127.0.0.1:${port}`),
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with `file`, or the part of it that the request's Range names when If-Range still holds. */
export function sendFile(request: IncomingMessage, response: ServerResponse, file: Buffer, etag = '"v1"'): void {
  const from = rangeStart(request, etag);
  response.writeHead(from === undefined ? 200 : 206, {
    "content-type": "video/mp4",
    "content-length": file.length - (from ?? 0),
    etag,
    ...(from !== undefined && { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` }),
  });
  response.end(file.subarray(from ?? 0));
}

/** Announces all of `file` (from the Range on), sends it up to byte `end`, and cuts the connection. */
export function sendUntil(
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
  end: number,
  headers: Record<string, string> = { etag: '"v1"' },
): void {
  const from = headers.etag === undefined ? undefined : rangeStart(request, headers.etag);
  response.writeHead(from === undefined ? 200 : 206, {
    "content-length": file.length - (from ?? 0),
    ...(from !== undefined && { "content-range": `bytes ${from}-${file.length - 1}/${file.length}` }),
    ...headers,
  });
  // The callback runs when the bytes are with the kernel; a closing handshake then delivers them before the end.
  response.write(file.subarray(from ?? 0, end), () => request.socket.end());
}

function rangeStart(request: IncomingMessage, etag: string): number | undefined {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  return match && request.headers["if-range"] === etag ? Number(match[1]) : undefined;
}

/** Bytes that differ from place to place, so that a wrong offset can't go unnoticed. */
export function patterned(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index + 4 <= length; index += 4) {
    bytes.writeUInt32LE((index * 2654435761) >>> 0, index);
  }
  return bytes;
}
