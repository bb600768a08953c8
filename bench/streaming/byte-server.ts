/**
 * A web server whose files have as many bytes as their name says: `GET /1073741824.bin`. They are generated without a disk.
 * Started with an IPC channel, over which it reports its port; it ends when the channel closes.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const BLOCK = randomBytes(64 * 1024);

function* blocks(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= BLOCK.length) {
    yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
  }
}

const server = createServer((request, response) => {
  const bytes = Number(/^\/(\d+)\.bin$/.exec(request.url ?? "")?.[1] ?? 0);
  response.writeHead(bytes > 0 ? 200 : 404, {
    "content-type": "application/octet-stream",
    "content-length": bytes,
    etag: `"${bytes}"`,
  });
  // A reader that disconnects is not an error.
  pipeline(Readable.from(blocks(bytes), { objectMode: true, highWaterMark: 4 }), response).catch(() => {});
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
