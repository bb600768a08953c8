import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The response of a test's server. The count is the number of the request, from 1. */
export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A local HTTP server for one test. */
export interface FileServer {
  readonly url: (path?: string) => URL;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

/** Starts a server that calls `answer` for every request. */
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

/** Sends `file`, or the requested range of it, unless If-Range names another version. */
export function sendFile(request: IncomingMessage, response: ServerResponse, file: Buffer, etag = '"v1"'): void {
  const [, start = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const isPart = request.headers.range !== undefined && (request.headers["if-range"] ?? etag) === etag;
  const part = isPart ? file.subarray(Number(start), last === "" ? file.length : Number(last) + 1) : file;
  response.writeHead(isPart ? 206 : 200, {
    "content-type": "video/mp4",
    "content-length": part.length,
    etag,
    ...(isPart && { "content-range": `bytes ${start}-${Number(start) + part.length - 1}/${file.length}` }),
  });
  response.end(part);
}

/** Sends the requested range of `file`, whatever version If-Range names. */
export function sendRange(
  request: IncomingMessage,
  response: ServerResponse,
  file: Buffer,
  headers: Record<string, string> = { etag: '"v1"' },
): void {
  const [, start = "0", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const part = file.subarray(Number(start), last === "" ? file.length : Number(last) + 1);
  response.writeHead(request.headers.range === undefined ? 200 : 206, {
    "content-length": part.length,
    ...(request.headers.range !== undefined && {
      "content-range": `bytes ${start}-${Number(start) + part.length - 1}/${file.length}`,
    }),
    ...headers,
  });
  response.end(part);
}

/** Declares all of `file` (from the range), sends it up to byte `end`, and closes the connection. */
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
  // The callback runs when the kernel has the bytes. The closing handshake delivers them before the end.
  response.write(file.subarray(from ?? 0, end), () => request.socket.end());
}

function rangeStart(request: IncomingMessage, etag: string): number | undefined {
  const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  return match && request.headers["if-range"] === etag ? Number(match[1]) : undefined;
}

/** Bytes that differ at each position, so that a wrong offset is detected. */
export function patterned(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index + 4 <= length; index += 4) {
    bytes.writeUInt32LE((index * 2654435761) >>> 0, index);
  }
  return bytes;
}
