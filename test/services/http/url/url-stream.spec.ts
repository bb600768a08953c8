import assert from "node:assert/strict";
import { get, globalAgent } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import type { ByteReader } from "../../../../src/services/http/byte-reader.ts";
import { openUrlStream, type UrlStreamOptions } from "../../../../src/services/http/url/url-stream.ts";
import { type FakeClock, manualClock } from "../../../support/fake-clock.ts";
import { type Answer, type FileServer, patterned, sendFile, sendRange, sendUntil, serve } from "../file-server.ts";

const FILE = patterned(300_000);

describe("openUrlStream of a small file", () => {
  it("keeps its connection, and does not change it", async () => {
    const server = await serve((request, response) => sendFile(request, response, FILE));
    try {
      const ports = new Set<number | undefined>();
      for (let time = 0; time < 3; time += 1) {
        const stream = await openUrlStream({ url: server.url(), signal: new AbortController().signal });
        assert.ok(FILE.equals(Buffer.concat(await collect(stream.chunks))));
        ports.add(server.requests.at(-1)?.socket.remotePort);
        const kept = Object.values(globalAgent.freeSockets).flatMap((sockets) => sockets ?? []);
        assert.equal(kept.filter((socket) => socket.listenerCount("data") > 0).length, 0);
      }
      assert.equal(ports.size, 1, "the connection was not kept");
      const answer = await getBytes(server.url());
      assert.ok(FILE.equals(answer));
    } finally {
      await server.close();
    }
  });
});

for (const [title, isLarge] of [
  ["openUrlStream", false],
  ["openUrlStream of a large file", true],
] as const) {
  describe(title, () => {
    const open = (options: UrlStreamOptions) => openUrlStream({ isLarge, ...options });
    let server: FileServer | undefined;
    afterEach(async () => {
      await server?.close();
      server = undefined;
    });

    async function read(answer: Answer, options: Partial<UrlStreamOptions> = {}, path?: string): Promise<Buffer> {
      server = await serve(answer);
      const stream = await open({
        url: server.url(path),
        signal: new AbortController().signal,
        clock: manualClock(30_000),
        ...options,
      });
      return isLarge ? readAll(stream.bytes) : Buffer.concat(await collect(stream.chunks));
    }

    async function failure(answer: Answer, options: Partial<UrlStreamOptions> = {}, path?: string) {
      return rejection(read(answer, options, path));
    }

    it("reads a complete file", async () => {
      assert.ok(FILE.equals(await read((request, response) => sendFile(request, response, FILE))));
    });

    it("returns length and type before the first byte is read", async () => {
      server = await serve((request, response) => sendFile(request, response, FILE));
      const stream = await open({ url: server.url(), signal: new AbortController().signal });
      stream.close();
      assert.deepEqual([stream.totalBytes, stream.contentType], [FILE.length, "video/mp4"]);
    });

    it("reads a file without a declared length", async () => {
      const bytes = await read((_request, response) => {
        response.write(FILE.subarray(0, 1000)); // chunked
        response.end(FILE.subarray(1000));
      });
      assert.ok(FILE.equals(bytes));
    });

    it("requests uncompressed bytes", async () => {
      await read((request, response) => sendFile(request, response, FILE));
      assert.equal(server?.requests[0]?.headers["accept-encoding"], "identity");
    });

    it("follows relative and absolute redirects", async () => {
      const bytes = await read((request, response) => {
        if (request.url === "/clip.mp4") {
          response.writeHead(302, { location: "/second" }).end();
        } else if (request.url === "/second") {
          response.writeHead(308, { location: server?.url("/third").href }).end();
        } else {
          sendFile(request, response, FILE);
        }
      });
      assert.ok(FILE.equals(bytes));
    });

    it("fails after ten redirects of a loop", async () => {
      const error = await failure((_request, response) => response.writeHead(302, { location: "/clip.mp4" }).end());
      assert.equal(error.code, "SOURCE_REDIRECTS");
      assert.equal(server?.requests.length, 11);
    });

    it("does not follow a redirect away from http", async () => {
      const error = await failure((_request, response) =>
        response.writeHead(302, { location: "file:///etc/passwd" }).end(),
      );
      assert.equal(error.code, "SOURCE_URL_INVALID");
    });

    it("refuses a web page", async () => {
      const error = await failure((_request, response) =>
        response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<html>"),
      );
      assert.equal(error.code, "SOURCE_NOT_MEDIA");
    });

    it("refuses a compressed response that was not accepted", async () => {
      const error = await failure((_request, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end("x"),
      );
      assert.equal(error.code, "SOURCE_REFUSED");
    });

    for (const [status, code] of [
      [401, "SOURCE_UNREADABLE"],
      [403, "SOURCE_UNREADABLE"],
      [404, "SOURCE_NOT_FOUND"],
      [410, "SOURCE_NOT_FOUND"],
      [400, "SOURCE_REFUSED"],
    ] as const) {
      it(`maps HTTP ${status} of the first response to ${code}`, async () => {
        const error = await failure((_request, response) => response.writeHead(status).end());
        assert.equal(error.code, code);
        assert.equal(server?.requests.length, 1);
      });
    }

    it("distinguishes a web page with HTTP 403 from an expired URL", async () => {
      const page = await failure((_request, response) =>
        response.writeHead(403, { "content-type": "text/html; charset=UTF-8" }).end("<html>Attention required</html>"),
      );
      assert.equal(page.code, "SOURCE_UNREADABLE");
      assert.match(page.message, /HTTP 403 with a web page/);
      assert.doesNotMatch(page.message, /expired/);
    });

    it("treats a document of the store with HTTP 403 as an expired URL", async () => {
      const expired = await failure((_request, response) =>
        response.writeHead(403, { "content-type": "application/xml" }).end("<Error><Code>AccessDenied</Code></Error>"),
      );
      assert.match(expired.message, /expired/);
    });

    it("sends its own user agent to each address, even after a redirect", async () => {
      await read((request, response, count) =>
        count === 1
          ? response.writeHead(302, { location: "/elsewhere.mp4" }).end()
          : sendFile(request, response, Buffer.from("video")),
      );
      assert.deepEqual(
        server?.requests.map(({ headers }) => headers["user-agent"]),
        ["node-red-contrib-lightly-aws", "node-red-contrib-lightly-aws"],
      );
    });

    it("sends four requests to a failing server, and then reports it", async () => {
      const error = await failure((_request, response) => response.writeHead(503).end());
      assert.equal(error.code, "SOURCE_REFUSED");
      assert.equal(error.retryable, true);
      assert.equal(server?.requests.length, 4);
    });

    it("reads from a server that recovers", async () => {
      const bytes = await read((request, response, count) =>
        count < 3 ? response.writeHead(500).end() : sendFile(request, response, FILE),
      );
      assert.ok(FILE.equals(bytes));
    });

    for (const [name, answer] of [
      ["announces no bytes", (_request, response) => response.writeHead(200, { "content-length": 0 }).end()],
      ["answers 204", (_request, response) => response.writeHead(204).end()],
      [
        "announces nothing and sends nothing",
        (_request, response) => response.writeHead(200, { "transfer-encoding": "chunked" }).end(),
      ],
    ] satisfies Array<[string, Answer]>) {
      it(`reports an empty source that ${name}`, async () => {
        assert.equal((await failure(answer)).code, "SOURCE_EMPTY");
      });
    }

    it("reports an address without a listener", async () => {
      const closed = await serve(() => {});
      const url = closed.url();
      await closed.close();
      const clock = manualClock(30_000);
      const error = await rejection(open({ url, signal: new AbortController().signal, clock }));
      assert.equal(error.code, "SOURCE_UNREACHABLE");
      assert.match(error.message, /ECONNREFUSED/);
      assert.equal(clock.slept.length, 3);
    });

    it("reports a server that does not speak HTTP without a retry", async () => {
      let connections = 0;
      const tcp = createTcpServer((socket) => {
        connections += 1;
        socket.on("error", () => {}).resume();
        socket.end("220 mail ready\r\n");
      });
      await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
      const address = tcp.address();
      assert.ok(address !== null && typeof address === "object");
      const url = new URL(`http://127.0.0.1:${address.port}/`);
      const error = await rejection(open({ url, signal: new AbortController().signal, clock: manualClock(30_000) }));
      await new Promise((resolve) => tcp.close(resolve));
      assert.equal(error.code, "SOURCE_UNREACHABLE");
      assert.equal(connections, 1);
    });

    it("keeps signatures and passwords out of its errors", async () => {
      server = await serve((_request, response) => response.writeHead(403).end());
      const url = server.url("/clip.mp4?X-Amz-Signature=s3cr3t&key=s3cr3t");
      url.username = "user";
      url.password = "s3cr3t";
      const error = await rejection(open({ url, signal: new AbortController().signal }));
      assert.doesNotMatch(JSON.stringify([error.message, error.details]), /s3cr3t/);
      assert.match(error.message, /\/clip\.mp4/);
    });

    describe("when the connection breaks", () => {
      it("continues with the same version", async () => {
        const bytes = await read((request, response, count) =>
          count < 3 ? sendUntil(request, response, FILE, count * 100_000) : sendFile(request, response, FILE),
        );
        assert.ok(FILE.equals(bytes));
        const [, second] = server?.requests ?? [];
        assert.match(second?.headers.range ?? "", /^bytes=[1-9]\d*-$/);
        assert.equal(second?.headers["if-range"], '"v1"');
      });

      it("resumes by modification date if there is no ETag", async () => {
        const modified = "Mon, 05 Jan 2026 10:00:00 GMT";
        const bytes = await read((request, response, count) => {
          if (count === 1) {
            sendUntil(request, response, FILE, 100_000, { "last-modified": modified });
            return;
          }
          assert.equal(request.headers["if-range"], modified);
          const from = Number(/\d+/.exec(request.headers.range ?? "")?.[0]);
          response.writeHead(206, { "content-range": `bytes ${from}-${FILE.length - 1}/${FILE.length}` });
          response.end(FILE.subarray(from));
        });
        assert.ok(FILE.equals(bytes));
      });

      it("fails if the file was modified in the second in which it is sent, because that date may be of two versions", async () => {
        const now = new Date().toUTCString();
        const error = await failure((request, response, count) => {
          if (count === 1) {
            sendUntil(request, response, FILE, 100_000, { date: now, "last-modified": now });
          } else {
            sendRange(request, response, FILE, { date: now, "last-modified": now });
          }
        });
        assert.equal(error.code, "SOURCE_INCOMPLETE");
        assert.equal(server?.requests.length, 1);
      });

      it("skips received bytes if the server sends the same version from its start", async () => {
        const bytes = await read((request, response, count) => {
          if (count === 1) {
            sendUntil(request, response, FILE, 123_457);
          } else {
            response.writeHead(200, { "content-length": FILE.length, etag: '"v1"' }).end(FILE);
          }
        });
        assert.ok(FILE.equals(bytes));
        assert.equal(server?.requests.length, 2);
      });

      it("fails if the server has another version", async () => {
        const error = await failure((request, response, count) =>
          count === 1 ? sendUntil(request, response, FILE, 100_000) : sendFile(request, response, FILE, '"v2"'),
        );
        assert.equal(error.code, "SOURCE_CHANGED");
      });

      it("fails if the server ignores If-Range and sends the rest of another version", async () => {
        const error = await failure((request, response, count) =>
          count === 1
            ? sendUntil(request, response, FILE, 100_000)
            : sendRange(request, response, FILE, { etag: '"v2"' }),
        );
        assert.equal(error.code, "SOURCE_CHANGED");
      });

      it("starts again then, if that is allowed", async () => {
        const other = Buffer.alloc(FILE.length, 1);
        let bytes: Buffer[] = [];
        server = await serve((request, response, count) =>
          count === 1
            ? sendUntil(request, response, FILE, 100_000)
            : sendRange(request, response, other, { etag: '"v2"' }),
        );
        const stream = await open({
          ...{ url: server.url(), signal: new AbortController().signal, clock: manualClock(30_000) },
          onRestart: async () => {
            bytes = [];
          },
        });
        for await (const chunk of stream.chunks) {
          bytes.push(chunk);
        }
        assert.ok(other.equals(Buffer.concat(bytes)));
      });

      for (const [what, headers, named] of [
        [
          "another part than requested",
          { "content-range": `bytes 5-${FILE.length - 1}/${FILE.length}` },
          /with bytes 5-/,
        ],
        ["a part that it does not name", {}, /no Content-Range/],
        ["a part in another unit", { "content-range": "seconds 5-6/7" }, /with seconds 5-6/],
      ] as const) {
        it(`fails if the server sends ${what}, and does not claim that the file was replaced`, async () => {
          const error = await failure((request, response, count) => {
            if (count === 1) {
              sendUntil(request, response, FILE, 100_000);
            } else {
              response.writeHead(206, { ...headers, etag: '"v1"' });
              response.end(FILE.subarray(5));
            }
          });
          assert.equal(error.code, "SOURCE_REFUSED");
          assert.match(error.message, named);
          assert.match(error.message, /does not support requests for parts/);
        });
      }

      it("restarts if that is allowed and there is no other way", async () => {
        const restarts: Array<number | undefined> = [];
        let bytes: Buffer[] = [];
        server = await serve((request, response, count) =>
          count === 1 ? sendUntil(request, response, FILE, 100_000, {}) : sendFile(request, response, FILE),
        );
        const stream = await open({
          url: server.url(),
          signal: new AbortController().signal,
          clock: manualClock(30_000),
          onRestart: async (totalBytes) => {
            restarts.push(totalBytes);
            bytes = [];
          },
        });
        for await (const chunk of stream.chunks) {
          bytes.push(chunk);
        }
        assert.deepEqual(restarts, [FILE.length]);
        assert.ok(FILE.equals(Buffer.concat(bytes)));
      });

      it("fails immediately without a validator, because the rest may belong to another file", async () => {
        const error = await failure((request, response) => sendUntil(request, response, FILE, 100_000, {}));
        assert.equal(error.code, "SOURCE_INCOMPLETE");
        assert.equal(server?.requests.length, 1);
        assert.equal(error.details.totalBytes, FILE.length);
      });

      it("fails if a file without a declared length ends within a chunk", async () => {
        const error = await failure((request, response) => {
          response.write(FILE.subarray(0, 1000), () => request.socket.destroy());
        });
        assert.equal(error.code, "SOURCE_INCOMPLETE");
      });

      it("fails after five connections without new bytes", async () => {
        const error = await failure((request, response) => sendUntil(request, response, FILE, 100_000));
        assert.equal(error.code, "SOURCE_INCOMPLETE");
        assert.equal(server?.requests.length, 6);
      });

      it("reports the server's response if it refuses the rest", async () => {
        const error = await failure((request, response, count) => {
          if (count === 1) {
            sendUntil(request, response, FILE, 100_000);
          } else {
            response.writeHead(503).end();
          }
        });
        assert.equal(error.code, "SOURCE_INCOMPLETE");
        assert.match(error.message, /ended after 100000 of 300000 bytes \(HTTP 503\)/);
      });

      it("does not restart forever if each connection breaks at the same byte", async () => {
        const large = patterned(3_000_000);
        const error = await failure((request, response) => sendUntil(request, response, large, 2_000_000, {}), {
          onRestart: async () => {},
        });
        assert.equal(error.code, "SOURCE_INCOMPLETE");
        assert.ok((server?.requests.length ?? 0) <= 7);
      });

      it("tolerates breaks with many bytes in between", async () => {
        const large = patterned(12 * 1_100_000);
        const bytes = await read((request, response, count) =>
          count < 12 ? sendUntil(request, response, large, count * 1_100_000) : sendFile(request, response, large),
        );
        assert.ok(large.equals(bytes));
        assert.equal(server?.requests.length, 12);
      });
    });

    describe("when the server falls silent", () => {
      /** Lets I/O and time proceed, by a second per turn of the event loop. */
      async function passStall(clock: FakeClock, ended: () => boolean): Promise<void> {
        while (!ended()) {
          await nextTurn();
          clock.advance(1000);
        }
      }

      async function stalled(answer: Answer, clock: FakeClock): Promise<PipelineError> {
        const reading = failure(answer, { clock, stallMs: 60_000 });
        let isOver = false;
        reading.finally(() => {
          isOver = true;
        });
        await passStall(clock, () => isOver);
        return reading;
      }

      it("fails for a stalled body that can't be resumed", async () => {
        const error = await stalled((_request, response) => {
          response.writeHead(200, { "content-length": FILE.length });
          response.write(FILE.subarray(0, 1000));
        }, manualClock());
        assert.equal(error.code, "SOURCE_INCOMPLETE");
        assert.match(error.message, /silent for 60 s/);
      });

      it("fails if a server does not respond", async () => {
        const error = await stalled(() => {}, manualClock());
        assert.equal(error.code, "SOURCE_UNREACHABLE");
        assert.match(error.message, /60 s/);
      });

      it("does not count the time of a slow reader", async () => {
        const clock = manualClock();
        server = await serve((request, response) => sendFile(request, response, FILE));
        const stream = await open({ url: server.url(), signal: new AbortController().signal, clock });
        const first = await stream.chunks.next();
        clock.advance(600_000);
        await nextTurn();
        const rest = await collect(stream.chunks);
        assert.ok(FILE.equals(Buffer.concat([first.value ?? Buffer.alloc(0), ...rest])));
        assert.equal(server.requests.length, 1);
      });
    });

    for (const [name, answer] of [
      [
        "that has come completely",
        (_request, response) => response.writeHead(200, { "content-length": 10 }).end("0123456789"),
      ],
      ["of unknown length", (_request, response) => response.end("0123456789")],
      [
        "that has come in part",
        (_request, response) => response.writeHead(200, { "content-length": 10 }).write("01234"),
      ],
    ] satisfies Array<[string, Answer]>) {
      it(`closes a body ${name} but was not read to its end, without an uncaught error`, async () => {
        const thrown: unknown[] = [];
        const note = (error: unknown): unknown => thrown.push(error);
        const others = process.listeners("uncaughtException");
        process.removeAllListeners("uncaughtException");
        process.on("uncaughtException", note);
        try {
          server = await serve(answer);
          const stream = await open({ url: server.url(), signal: new AbortController().signal });
          await stream.chunks.next();
          stream.close();
          await server.close();
          await nextTurn();
          assert.deepEqual(thrown, []);
        } finally {
          process.off("uncaughtException", note);
          for (const other of others) {
            process.on("uncaughtException", other);
          }
        }
      });
    }

    describe("beyond its limits", () => {
      it("is not read if the declared length is larger", async () => {
        const error = await failure((request, response) => sendFile(request, response, FILE), {
          maxBytes: FILE.length - 1,
        });
        assert.equal(error.code, "SOURCE_TOO_LARGE");
        assert.equal(error.retryable, false);
        assert.equal(server?.requests.length, 1);
      });

      it("is read if it has exactly the length of the limit", async () => {
        const answer: Answer = (request, response) => sendFile(request, response, FILE);
        assert.ok(FILE.equals(await read(answer, { maxBytes: FILE.length })));
      });

      it("is not read further if more bytes arrive than declared, or without a declared length", async () => {
        let sent = 0;
        const error = await failure(
          (_request, response) => {
            const more = (): void => {
              while (!response.destroyed) {
                sent += FILE.length;
                if (!response.write(FILE)) {
                  response.once("drain", more);
                  return;
                }
              }
            };
            more();
          },
          { maxBytes: 2_000_000 },
        );
        assert.equal(error.code, "SOURCE_TOO_LARGE");
        assert.match(error.message, /larger than the limit of 1\.91 MiB/);
        assert.ok(sent < 100_000_000, `${sent} bytes were sent`);
      });

      it("ends if a server keeps sending byte after byte", async () => {
        const clock = manualClock();
        server = await serve((_request, response) => {
          response.write("x");
        });
        const url = server.url();
        const stream = await open({
          url,
          signal: new AbortController().signal,
          clock,
          timeoutMs: 90_000,
          stallMs: 200_000,
        });
        assert.equal((await stream.chunks.next()).value?.toString(), "x");
        clock.advance(89_999);
        const next = rejection(stream.chunks.next());
        clock.advance(1);
        const error = await next;
        assert.equal(error.code, "TIMED_OUT");
        assert.match(error.message, /not read completely within 90 s/);
      });

      it("ends if a server requests retries forever", async () => {
        const clock = manualClock();
        server = await serve((_request, response) => {
          response.writeHead(503).end();
          setImmediate(() => setImmediate(() => clock.advance(40_000)));
        });
        const stream = open({
          url: server.url(),
          signal: new AbortController().signal,
          clock,
          timeoutMs: 60_000,
        });
        assert.equal((await rejection(stream)).code, "TIMED_OUT");
      });

      it("leaves no timer", async () => {
        const clock = manualClock();
        server = await serve((request, response) => sendFile(request, response, FILE));
        const stream = await open({ url: server.url(), signal: new AbortController().signal, clock });
        await collect(stream.chunks);
        assert.equal(clock.sleepers, 0);
      });
    });

    describe("when it is aborted", () => {
      const reason = new Error("the flow was stopped");

      it("ends the wait for a response", async () => {
        const abort = new AbortController();
        const error = await failure(() => abort.abort(reason), { signal: abort.signal });
        assert.equal(error.code, "ABORTED");
        assert.match(error.message, /the flow was stopped/);
      });

      it("ends the wait for the next bytes", async () => {
        const abort = new AbortController();
        server = await serve((_request, response) => {
          response.writeHead(200, { "content-length": FILE.length, etag: '"v1"' });
          response.write(FILE.subarray(0, 1000));
        });
        const stream = await open({ url: server.url(), signal: abort.signal, clock: manualClock(30_000) });
        await stream.chunks.next();
        const reading = rejection(stream.chunks.next());
        abort.abort(reason);
        assert.equal((await reading).code, "ABORTED");
      });

      it("does not treat a source of unknown length as complete", async () => {
        const abort = new AbortController();
        server = await serve((_request, response) => {
          response.write(FILE.subarray(0, 1000));
          response.end(FILE.subarray(1000));
        });
        const stream = await open({ url: server.url(), signal: abort.signal, clock: manualClock(30_000) });
        await stream.chunks.next();
        abort.abort(reason);
        assert.equal((await rejection(collect(stream.chunks))).code, "ABORTED");
      });

      it("ends the delay before a retry", async () => {
        const abort = new AbortController();
        const clock = manualClock(30_000);
        clock.alarm(1, () => abort.abort(reason));
        const error = await failure((_request, response) => response.writeHead(503).end(), {
          signal: abort.signal,
          clock,
        });
        assert.equal(error.code, "ABORTED");
        assert.equal(server?.requests.length, 1);
      });
    });
  });
}

/** Reads by a buffer whose size is not that of the chunks. */
async function readAll(bytes: ByteReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  while (!(await bytes.isAtEnd())) {
    const buffer = Buffer.alloc(40_000);
    parts.push(buffer.subarray(0, await bytes.read(buffer)));
  }
  assert.equal(await bytes.read(Buffer.alloc(1)), 0);
  return Buffer.concat(parts);
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) {
    all.push(chunk);
  }
  return all;
}

/** With node:http, over any existing connection. */
function getBytes(url: URL): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, (response) => collect(response).then((chunks) => resolve(Buffer.concat(chunks)), reject)).on(
      "error",
      reject,
    );
  });
}

async function rejection(work: Promise<unknown>): Promise<PipelineError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof PipelineError, `expected a PipelineError, got ${outcome}`);
  return outcome;
}
