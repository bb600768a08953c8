/**
 * A web server whose files have as many bytes as their name says: `GET /1073741824.bin`. They are generated without a disk.
 * Started with an IPC channel, over which it reports its port; it ends when the channel closes. Arguments for https: files with key and
 * certificate.
 */
import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { report } from "./report-port.ts";

const BLOCK = randomBytes(64 * 1024);

function* blocks(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= BLOCK.length) {
    yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
  }
}

const answer: RequestListener = (request, response) => {
  const bytes = Number(/^\/(\d+)\.bin$/.exec(request.url ?? "")?.[1] ?? 0);
  response.writeHead(bytes > 0 ? 200 : 404, {
    "content-type": "application/octet-stream",
    "content-length": bytes,
    etag: `"${bytes}"`,
  });
  // A reader that disconnects is not an error.
  pipeline(Readable.from(blocks(bytes), { objectMode: true, highWaterMark: 4 }), response).catch(() => {});
};
report(answer);
