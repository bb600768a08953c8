import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { ByteReader } from "../src/services/http/byte-reader.ts";
import { openUrlRanges } from "../src/services/http/url/url-ranges.ts";
import { openUrlStream } from "../src/services/http/url/url-stream.ts";
import type { Bench, Figure } from "./benchmark.ts";

const FILE_BYTES = 64 * 2 ** 20;
/** Of each connection, per 10 ms: about 8 MiB/s. */
const SLICE = Buffer.alloc(80 * 1024);
const REPETITIONS = 3;

export const parallelReads = {
  name: "parallel-reads",
  title: "64 MiB from a server that sends 8 MiB/s over a connection",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const server = createServer((request, response) => {
    const [, start = "0", last = String(FILE_BYTES - 1)] =
      /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const length = Number(last) + 1 - Number(start);
    const range = { "content-range": `bytes ${start}-${last}/${FILE_BYTES}` };
    const headers = { etag: '"v1"', "content-type": "video/mp4", "content-length": length };
    response.writeHead(request.headers.range ? 206 : 200, { ...headers, ...(request.headers.range && range) });
    sendSlowly(response, length, bench.signal).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  bench.defer(() => server.close());
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/clip.mp4`);
  const addresses = { allow: ["127.0.0.1"] };
  const one: number[] = [];
  const four: number[] = [];
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`read ${round} of ${REPETITIONS}`);
    const options = { url, signal: bench.signal, addresses };
    one.push(await rate(() => openUrlStream(options)));
    four.push(await rate(() => openUrlRanges(options, 4)));
  }
  return [
    { name: "by one request", unit: "MiB/s", values: one },
    { name: "by 4 requests at a time", unit: "MiB/s", values: four },
  ];
}

async function sendSlowly(response: ServerResponse, length: number, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  for (let sent = 0; sent < length; sent += SLICE.byteLength) {
    response.write(SLICE.subarray(0, length - sent));
    // Timers are late: the pause is up to the time at which the next slice is due.
    const dueMs = (sent / SLICE.byteLength + 1) * 10 - (performance.now() - startedAt);
    await pause(Math.max(0, dueMs), undefined, { signal });
  }
  response.end();
}

async function rate(open: () => Promise<{ bytes: ByteReader; close: () => void }>): Promise<number> {
  const startedAt = performance.now();
  const { bytes, close } = await open();
  const target = Buffer.alloc(2 ** 20);
  while (!(await bytes.isAtEnd())) {
    await bytes.read(target);
  }
  close();
  return FILE_BYTES / 2 ** 20 / ((performance.now() - startedAt) / 1000);
}
