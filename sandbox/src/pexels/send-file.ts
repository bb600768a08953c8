import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/**
 * Answers GET and HEAD with a file: `Content-Length`, `ETag`, `Last-Modified`, one byte range (`If-Range` observed), 304
 * for a matching `If-None-Match`, 416 for a range behind the end, 404 when there is no such file.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  type: string,
): Promise<void> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined || !facts.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const etag = `"${facts.size.toString(16)}-${Math.floor(facts.mtimeMs).toString(16)}"`;
  const headers = { etag, "last-modified": facts.mtime.toUTCString(), "accept-ranges": "bytes", "content-type": type };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = readRange(request, etag, facts.size);
  if (range === "unsatisfiable") {
    response.writeHead(416, { ...headers, "content-range": `bytes */${facts.size}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: facts.size - 1 };
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    "content-length": end - start + 1,
    ...(range === undefined ? {} : { "content-range": `bytes ${start}-${end}/${facts.size}` }),
  });
  if (request.method === "HEAD" || facts.size === 0) {
    response.end();
    return;
  }
  // A client that disconnects is not an error of the server.
  await pipeline(createReadStream(path, { start, end }), response).catch(() => {});
}

function readRange(
  request: IncomingMessage,
  etag: string,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const condition = request.headers["if-range"];
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (match === null || (condition !== undefined && condition !== etag)) {
    return undefined;
  }
  const [, first = "", last = ""] = match;
  if (first === "") {
    const length = Number(last);
    return length === 0 ? "unsatisfiable" : { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(size - 1, Number(last));
  return start >= size || start > end ? "unsatisfiable" : { start, end };
}
