import { equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteReader } from "../../../../src/services/http/byte-reader.ts";
import { Connections } from "../../../../src/services/http/connections/connections.ts";
import { openUrlStream, type UrlStream, type UrlStreamOptions } from "../../../../src/services/http/url/url-stream.ts";
import { createAuthority } from "../../../support/certificates.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { type FileServer, patterned, sendFile, serve } from "../file-server.ts";

const MIB = 1024 * 1024;
const FILE = patterned(8 * MIB + 3);
const { signal } = new AbortController();

async function md5(bytes: ByteReader, each?: () => Promise<unknown>): Promise<string> {
  const hash = createHash("md5");
  const buffer = Buffer.alloc(1_000_003);
  while (!(await bytes.isAtEnd())) {
    hash.update(buffer.subarray(0, await bytes.read(buffer)));
    await each?.();
  }
  return hash.digest("hex");
}
const MD5 = createHash("md5").update(FILE).digest("hex");

describe("a large file at a URL", () => {
  let server: FileServer | undefined;
  let opened: UrlStream[] = [];
  const open = async (options: UrlStreamOptions): Promise<UrlStream> => {
    const stream = await openUrlStream(options);
    opened.push(stream);
    return stream;
  };
  afterEach(async () => {
    // Otherwise the time limit of a stream would keep the process alive.
    for (const stream of opened) {
      stream.close();
    }
    opened = [];
    await server?.close();
    server = undefined;
  });

  it("is the same for a fast and for a slow reader, although one buffer of the socket is reused", async () => {
    server = await serve((request, response) => sendFile(request, response, FILE));
    for (const each of [undefined, () => nextTurn().then(() => nextTurn())]) {
      const { bytes } = await open({ url: server.url(), signal, isLarge: true });
      equal(await md5(bytes, each), MD5);
    }
  });

  it("comes over https, with the certificates of the account", async () => {
    const authority = await createAuthority("Company CA");
    const caFile = { path: join(temporaryFolder(), "ca.pem"), setBy: "test" };
    writeFileSync(caFile.path, authority.cert);
    const secure: Server = createSecureServer(await authority.issue(["localhost"]), (request, response) =>
      sendFile(request, response, FILE),
    );
    secure.listen(0, "127.0.0.1");
    await once(secure, "listening");
    const url = new URL(`https://localhost:${(secure.address() as AddressInfo).port}/clip.mp4`);
    const through = new Connections({ proxy: "none", caFile });
    try {
      const { bytes } = await open({ url, signal, isLarge: true, addresses: { through } });
      equal(await md5(bytes), MD5);
    } finally {
      await through.destroy();
      secure.closeAllConnections();
      secure.close();
    }
  });

  it("is continued where its connection was reset", async () => {
    server = await serve((request, response, count) => {
      if (count > 1) {
        sendFile(request, response, FILE);
        return;
      }
      response.writeHead(200, { "content-length": FILE.length, etag: '"v1"' });
      response.write(FILE.subarray(0, 3 * MIB), () => request.socket.resetAndDestroy());
    });
    const { bytes } = await open({ url: server.url(), signal, isLarge: true, clock: manualClock(30_000) });
    equal(await md5(bytes), MD5);
    equal(server.requests.length, 2);
    ok(/^bytes=\d+-$/.test(server.requests[1]?.headers.range ?? ""));
  });

  it("is read only as fast as its reader wants it", async () => {
    let produced = 0;
    const block = Buffer.alloc(64 * 1024);
    server = await serve((_request, response) => {
      function* endless(): Generator<Buffer> {
        for (;;) {
          produced += block.length;
          yield block;
        }
      }
      response.writeHead(200, { "content-length": 2 ** 40, etag: '"v1"' });
      Readable.from(endless(), { objectMode: true, highWaterMark: 1 }).pipe(response);
    });
    const stream = await open({ url: server.url(), signal, isLarge: true, maxBytes: 2 ** 41 });
    let before = -1;
    for (let rounds = 0; rounds < 20 || before !== produced; rounds += 1) {
      before = produced;
      for (let turn = 0; turn < 50; turn += 1) {
        await nextTurn();
      }
    }
    // What the buffers of the kernel and of both sockets hold.
    ok(produced < 32 * MIB, `the server has sent ${produced} bytes to a reader that has read none`);
    equal(await stream.bytes.read(block), block.length);
    stream.close();
  });

  it("has a connection of its own, which is not kept", async () => {
    const ports = new Set<number | undefined>();
    server = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      sendFile(request, response, FILE);
    });
    for (let time = 0; time < 3; time += 1) {
      const { bytes } = await open({ url: server.url(), signal, isLarge: true });
      await md5(bytes);
    }
    equal(ports.size, 3);
  });
});
