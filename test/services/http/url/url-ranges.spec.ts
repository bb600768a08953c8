import { deepEqual, equal, match, ok } from "node:assert/strict";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { RANGE_BYTES } from "../../../../src/services/http/url/range-reader.ts";
import { openUrlRanges } from "../../../../src/services/http/url/url-ranges.ts";
import type { UrlStreamOptions } from "../../../../src/services/http/url/url-stream.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import { type Answer, type FileServer, patterned, sendFile, sendRange, serve } from "../file-server.ts";

const FILE = patterned(5 * RANGE_BYTES + 1000);

describe("openUrlRanges", () => {
  let server: FileServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function open(answer: Answer, atOnce: number, options: Partial<UrlStreamOptions> = {}) {
    server = await serve(answer);
    const { signal } = new AbortController();
    return await openUrlRanges({ url: server.url(), signal, clock: manualClock(30_000), ...options }, atOnce);
  }

  async function read(answer: Answer, atOnce: number, options: Partial<UrlStreamOptions> = {}): Promise<Buffer> {
    const stream = await open(answer, atOnce, options);
    const chunks: Buffer[] = [];
    try {
      // Reads that end neither with a range nor with the file.
      while (!(await stream.bytes.isAtEnd())) {
        const target = Buffer.alloc(700_001);
        chunks.push(target.subarray(0, await stream.bytes.read(target)));
      }
      equal(await stream.bytes.read(Buffer.alloc(10)), 0);
    } finally {
      stream.close();
    }
    return Buffer.concat(chunks);
  }

  async function codeOf(reading: Promise<unknown>): Promise<unknown> {
    return await reading.then(
      () => "none",
      (error: unknown) => (error instanceof PipelineError ? error.code : error),
    );
  }

  const ranges = (): string[] => (server?.requests ?? []).map(({ headers }) => headers.range ?? "whole");

  for (const atOnce of [2, 4, 16]) {
    it(`reads all bytes in order by ${atOnce} requests at a time, each byte once`, async () => {
      let [open, most] = [0, 0];
      const file = await read((request, response) => {
        open += 1;
        most = Math.max(most, open);
        response.on("finish", () => {
          open -= 1;
        });
        sendFile(request, response, FILE);
      }, atOnce);
      ok(FILE.equals(file));
      const starts = [0, 1, 2, 3, 4, 5].map((index) => index * RANGE_BYTES);
      deepEqual(
        ranges().sort((one, other) => Number.parseInt(one.slice(6), 10) - Number.parseInt(other.slice(6), 10)),
        starts.map((start) => `bytes=${start}-${Math.min(start + RANGE_BYTES, FILE.length) - 1}`),
      );
      ok(most <= atOnce && most > 1, `${most} requests at a time`);
    });
  }

  it("has the length, the type and the version of the file before it is read", async () => {
    const { totalBytes, contentType, validator, close } = await open(
      (request, response) => sendFile(request, response, FILE),
      4,
    );
    close();
    deepEqual([totalBytes, contentType, validator], [FILE.length, "video/mp4", '"v1"']);
  });

  it("requests no more than the consumer needs next", async () => {
    const stream = await open((request, response) => sendFile(request, response, FILE), 2);
    await stream.bytes.read(Buffer.alloc(1000));
    await new Promise((resolve) => setImmediate(resolve));
    equal(server?.requests.length, 2);
    stream.close();
  });

  it("reads a file that is smaller than a range", async () => {
    const small = patterned(1000);
    ok(small.equals(await read((request, response) => sendFile(request, response, small), 4)));
    equal(server?.requests.length, 1);
  });

  it("reads the whole file by one request if the server does not support ranges", async () => {
    const file = await read((_request, response) => response.end(FILE), 4);
    ok(FILE.equals(file));
    equal(ranges().at(-1), "whole");
  });

  it("reads the whole file by one request if the server does not identify its version", async () => {
    const file = await read((request, response) => {
      const isPart = request.headers.range !== undefined;
      const range = { "content-range": `bytes 0-${RANGE_BYTES - 1}/${FILE.length}` };
      response.writeHead(isPart ? 206 : 200, isPart ? range : {});
      response.end(isPart ? FILE.subarray(0, RANGE_BYTES) : FILE);
    }, 4);
    ok(FILE.equals(file));
    deepEqual(ranges(), [`bytes=0-${RANGE_BYTES - 1}`, "whole"]);
  });

  it("resumes a range where its connection ended", async () => {
    let broken = 0;
    const file = await read((request, response) => {
      if (request.headers.range?.startsWith(`bytes=${2 * RANGE_BYTES}-`) && broken === 0) {
        broken += 1;
        const end = 3 * RANGE_BYTES;
        const headers = { etag: '"v1"', "content-length": RANGE_BYTES };
        response.writeHead(206, {
          ...headers,
          "content-range": `bytes ${2 * RANGE_BYTES}-${end - 1}/${FILE.length}`,
        });
        response.write(FILE.subarray(2 * RANGE_BYTES, 2 * RANGE_BYTES + 100_000), () => request.socket.end());
        return;
      }
      sendFile(request, response, FILE);
    }, 3);
    ok(FILE.equals(file));
    ok(ranges().includes(`bytes=${2 * RANGE_BYTES + 100_000}-${3 * RANGE_BYTES - 1}`), ranges().join());
  });

  it("repeats a request for a range that the server could not answer", async () => {
    const file = await read((request, response, count) => {
      if (count === 3) {
        response.writeHead(503).end();
      } else {
        sendFile(request, response, FILE);
      }
    }, 3);
    ok(FILE.equals(file));
  });

  it("fails if the file is replaced while it is read", async () => {
    let count = 0;
    const changing: Answer = (request, response) => {
      count += 1;
      sendFile(request, response, FILE, count < 4 ? '"v1"' : '"v2"');
    };
    equal(await codeOf(read(changing, 2)), "SOURCE_CHANGED");
  });

  for (const [what, versions] of Object.entries({
    "an ETag": [{ etag: '"v1"' }, { etag: '"v2"' }],
    "a date": [
      { "last-modified": "Mon, 30 Nov 2026 10:00:00 GMT" },
      { "last-modified": "Mon, 30 Nov 2026 11:00:00 GMT" },
    ],
  })) {
    it(`fails if the file is replaced by one of the same length, and the server ignores If-Range with ${what}`, async () => {
      const other = Buffer.alloc(FILE.length, 1);
      const replaced: Answer = (request, response, count) => {
        const [old, new_] = versions;
        sendRange(request, response, count < 4 ? FILE : other, count < 4 ? old : new_);
      };
      equal(await codeOf(read(replaced, 2)), "SOURCE_CHANGED");
    });
  }

  it("reads a file whose later parts come without an ETag, or with the same one marked as weak", async () => {
    const headers: Array<Record<string, string>> = [{ etag: '"v1"' }, {}, { etag: 'W/"v1"' }];
    ok(
      FILE.equals(
        await read((request, response, count) => sendRange(request, response, FILE, headers[(count - 1) % 3] ?? {}), 2),
      ),
    );
  });

  it("reads with fewer requests at a time if the server refuses more", async () => {
    let refused = 0;
    let release = (): void => {};
    const limited: Answer = (request, response, count) => {
      if (count === 2) {
        release = () => sendRange(request, response, FILE);
      } else if (count === 1 || refused === 12) {
        sendRange(request, response, FILE);
      } else {
        response.writeHead(503).end();
        refused += 1;
        // Three ranges, by four requests each, while the second one is read.
        if (refused === 12) {
          release();
        }
      }
    };
    ok(FILE.equals(await read(limited, 4)));
    deepEqual(ranges().filter((range) => range.startsWith(`bytes=${2 * RANGE_BYTES}-`)).length, 5);
  });

  it("fails if the server refuses a range for good", async () => {
    const refusing: Answer = (request, response) => {
      if (request.headers.range?.startsWith(`bytes=${2 * RANGE_BYTES}-`)) {
        response.writeHead(503).end();
      } else {
        sendRange(request, response, FILE);
      }
    };
    equal(await codeOf(read(refusing, 4)), "SOURCE_REFUSED");
  });

  it("says that parallel reads are not possible if the server sends the whole file in place of a later part", async () => {
    const some: Answer = (request, response, count) => {
      if (count > 2) {
        request.headers.range = undefined;
      }
      sendRange(request, response, FILE);
    };
    const error: unknown = await read(some, 2).catch((thrown: unknown) => thrown);
    match(String(error), /Set the number of parallel reads to 1/);
  });

  it("fails like one request if the file is missing, empty or too large", async () => {
    equal(await codeOf(read((_request, response) => response.writeHead(404).end(), 4)), "SOURCE_NOT_FOUND");
    await server?.close();
    const empty: Answer = ({ headers }, response) =>
      response.writeHead(headers.range ? 416 : 200, { "content-length": 0 }).end();
    equal(await codeOf(read(empty, 4)), "SOURCE_EMPTY");
    await server?.close();
    const send: Answer = (request, response) => sendFile(request, response, FILE);
    equal(await codeOf(read(send, 4, { maxBytes: 1000 })), "SOURCE_TOO_LARGE");
  });

  it("ends all requests when it is aborted", async () => {
    const abort = new AbortController();
    let open = 0;
    const stream = await open_(abort.signal, (change) => {
      open += change;
    });
    const reading = stream.bytes.read(Buffer.alloc(10));
    abort.abort(new Error("stop"));
    equal(await codeOf(reading), "ABORTED");
    stream.close();
    for (let turn = 0; open > 0 && turn < 1000; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    equal(open, 0);
  });

  /** Opens a file whose ranges after the first bytes never come. */
  async function open_(signal: AbortSignal, count: (change: number) => void) {
    return await open(
      (request, response) => {
        count(1);
        response.on("close", () => count(-1));
        const [, start = "0", last = "0"] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
        response.writeHead(206, {
          etag: '"v1"',
          "content-length": Number(last) + 1 - Number(start),
          "content-range": `bytes ${start}-${last}/${FILE.length}`,
        });
        response.flushHeaders();
      },
      3,
      { signal, clock: undefined as never },
    );
  }
});
