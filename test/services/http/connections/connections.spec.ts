import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { Server as ProxyChain } from "proxy-chain";
import { explainConnection } from "../../../../src/services/http/connections/connection-fault.ts";
import { type ConnectionSettings, Connections } from "../../../../src/services/http/connections/connections.ts";
import { until } from "../../../nodes/support/until.ts";
import { type Authority, createAuthority } from "../../../support/certificates.ts";
import { useOwnEnvironment } from "../../../support/environment.ts";
import { type HttpServer, serveHttp } from "../../../support/http-server.ts";
import { startProxy, type TestProxy } from "../../../support/proxy-server.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const HOST = "store.example.com";
const HTTPS = `https://${HOST}/a?b=1`;

describe("the connections of an account", () => {
  let authority: Authority;
  let secure: HttpServer;
  let plain: HttpServer;
  let proxy: TestProxy;
  let connections: Connections;
  let caFile: ConnectionSettings["caFile"];
  let received: string[] = [];
  const folder = temporaryFolder();

  useOwnEnvironment(/_proxy$/i);

  before(async () => {
    authority = await createAuthority("Company CA");
    const path = join(folder, "ca.pem");
    writeFileSync(path, `Some text before it.\n${authority.cert}\n`);
    caFile = { path, setBy: "CA file" };
    const answer: Parameters<typeof serveHttp>[0] = async (request, response) => {
      let body = "";
      for await (const chunk of request) {
        body += chunk;
      }
      const { method, url, headers } = request;
      received.push(`${method} ${headers.host}${url} ${body}`);
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response
        .writeHead(Number(headers["x-status"] ?? 200))
        .end(url?.startsWith("/big") ? "x".repeat(2 ** 20) : "hello");
    };
    secure = await serveHttp(answer, await authority.issue([HOST]));
    plain = await serveHttp(answer);
    proxy = await startProxy(() => secure.port);
  });
  beforeEach(() => {
    received = [];
    proxy.asked.length = 0;
    proxy.authorizations.length = 0;
    proxy.refusal = undefined;
  });
  afterEach(() => connections?.destroy());
  after(async () => {
    await Promise.all([secure.close(), plain.close(), proxy.close()]);
  });

  function open(settings: ConnectionSettings): Connections {
    connections = new Connections(settings);
    return connections;
  }

  async function failure(work: Promise<unknown>): Promise<{ text: string; isPermanent: boolean | undefined }> {
    const error = await work.then(
      () => Promise.reject(new Error("It should have failed.")),
      (thrown: unknown) => thrown,
    );
    const fault = explainConnection(error, HOST);
    return { text: fault?.explanation ?? String(error), isPermanent: fault?.isPermanent };
  }

  it("are those of Node.js without a proxy and a CA file", async () => {
    equal(await open({}).agents(), undefined);
    equal(await (await open({}).fetch(plain.url)).text(), "hello");
  });

  it("tunnel to https hosts, and trust the CA file", async () => {
    const { fetch } = open({ proxy: proxy.url, caFile });
    const answer = await fetch(HTTPS, { method: "POST", body: "frames", headers: { "content-type": "text/plain" } });
    deepEqual([answer.status, await answer.text()], [200, "hello"]);
    deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
    deepEqual(received, [`POST ${HOST}/a?b=1 frames`]);
    deepEqual(proxy.asked, [`CONNECT ${HOST}:443`]);
  });

  it("use one tunnel for several requests", async () => {
    const { fetch } = open({ proxy: proxy.url, caFile });
    for (const path of ["a", "b", "c"]) {
      await (await fetch(`https://${HOST}/${path}`)).text();
    }
    deepEqual(proxy.asked, [`CONNECT ${HOST}:443`]);
    equal(received.length, 3);
  });

  it("forward requests to http hosts, each with the whole address", async () => {
    const forwarding = await startProxy(() => plain.port);
    try {
      const { fetch } = open({ proxy: forwarding.url.replace("//", "//user:p%40ss@") });
      await (await fetch("http://files.example.com:8080/a?b=1")).text();
      await (await fetch("http://files.example.com:8080/c")).text();
      deepEqual(forwarding.asked, ["GET http://files.example.com:8080/a?b=1", "GET http://files.example.com:8080/c"]);
      equal(forwarding.authorizations.at(-1), `Basic ${Buffer.from("user:p@ss").toString("base64")}`);
      deepEqual(received, ["GET files.example.com:8080/a?b=1 ", "GET files.example.com:8080/c "]);
    } finally {
      await forwarding.close();
    }
  });

  it("go to this machine directly", async () => {
    const { fetch } = open({ proxy: proxy.url });
    equal(await (await fetch(plain.url)).text(), "hello");
    deepEqual(proxy.asked, []);
  });

  it("do not follow a redirect, and hand on answers without a body", async () => {
    const { fetch } = open({ proxy: proxy.url, caFile });
    for (const status of [302, 204, 304, 500]) {
      const answer = await fetch(HTTPS, { headers: { "x-status": String(status) } });
      deepEqual([answer.status, await answer.text()], [status, status === 204 || status === 304 ? "" : "hello"]);
    }
  });

  for (const [encoding, compress] of Object.entries({ gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync })) {
    it(`decompress a response with ${encoding}, which the server was not asked for`, async () => {
      const compressing = await serveHttp(({ headers }, response) => {
        equal(headers["accept-encoding"], "identity");
        response.writeHead(200, { "content-encoding": encoding }).end(compress("frames"));
      });
      const forwarding = await startProxy(() => compressing.port);
      try {
        equal(await (await open({ proxy: forwarding.url }).fetch("http://files.example.com/a")).text(), "frames");
      } finally {
        await Promise.all([forwarding.close(), compressing.close()]);
      }
    });
  }

  it("report a response that is cut off within its compression", async () => {
    const compressing = await serveHttp((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("frames".repeat(100)).subarray(0, 20));
    });
    const forwarding = await startProxy(() => compressing.port);
    try {
      await rejects((await open({ proxy: forwarding.url }).fetch("http://files.example.com/a")).text());
    } finally {
      await Promise.all([forwarding.close(), compressing.close()]);
    }
  });

  it("end with the signal of a request, before the response and within it", async () => {
    const { fetch } = open({ proxy: proxy.url, caFile });
    const reason = new Error("enough");
    await rejects(fetch(HTTPS, { signal: AbortSignal.abort(reason) }), reason);
    const abort = new AbortController();
    const answer = await fetch(`https://${HOST}/big`, { signal: abort.signal });
    abort.abort(reason);
    await rejects(answer.text());
  });

  it("speak to a real proxy that asks for a password", async () => {
    const asked: string[] = [];
    const real = new ProxyChain({
      port: 0,
      host: "127.0.0.1",
      prepareRequestFunction: ({ hostname, username, password }) => {
        asked.push(hostname);
        return {
          requestAuthentication: username !== "node-red" || password !== "p@ss:w/rd",
          dnsLookup: toThisMachine as never,
        };
      },
    });
    await real.listen();
    try {
      const url = `https://${HOST}:${secure.port}/a`;
      const withPassword = (password: string) =>
        `http://node-red:${encodeURIComponent(password)}@127.0.0.1:${real.port}`;
      equal(await (await open({ proxy: withPassword("p@ss:w/rd"), caFile }).fetch(url)).text(), "hello");
      deepEqual(asked, [HOST]);
      await connections.destroy();
      const { text } = await failure(open({ proxy: withPassword("hunter2"), caFile }).fetch(url));
      match(
        text,
        /^The proxy http:\/\/127\.0\.0\.1:\d+ does not accept the user name and password of its address \(HTTP 407\)/,
      );
      ok(!text.includes("hunter2"));
    } finally {
      await real.close(true);
    }
  });

  it("use a proxy with TLS, whose certificate is from the CA file", async () => {
    const real = new ProxyChain({
      ...{ port: 0, host: "127.0.0.1", serverType: "https", httpsOptions: await authority.issue(["localhost"]) },
      prepareRequestFunction: () => ({ dnsLookup: toThisMachine as never }),
    });
    await real.listen();
    try {
      const { fetch } = open({ proxy: `https://localhost:${real.port}`, caFile });
      equal(await (await fetch(`https://${HOST}:${secure.port}/a`)).text(), "hello");
      equal(real.stats.connectRequestCount, 1);
    } finally {
      await real.close(true);
    }
  });

  describe("name the proxy", () => {
    for (const [status, text, isPermanent] of [
      [
        407,
        /asks for a user name and password \(HTTP 407\)\. Add them to its address in HTTPS_PROXY: http:\/\/USER:/,
        true,
      ],
      [403, /\(HTTPS_PROXY\) does not allow connections to store\.example\.com:443 \(HTTP 403\)\..*NO_PROXY/, true],
      [502, /\(HTTPS_PROXY\) could not connect to store\.example\.com:443 \(HTTP 502\)/, false],
    ] as const) {
      it(`that answers ${status}`, async () => {
        proxy.refusal = status;
        process.env.HTTPS_PROXY = proxy.url;
        const fault = await failure(open({ caFile }).fetch(HTTPS));
        match(fault.text, text);
        ok(fault.text.startsWith(`The proxy ${proxy.url} `), fault.text);
        equal(fault.isPermanent, isPermanent);
      });
    }

    it("that is not there, without its password", async () => {
      const fault = await failure(open({ proxy: "http://user:hunter2@127.0.0.1:1" }).fetch(HTTPS));
      equal(
        fault.text,
        'The proxy http://127.0.0.1:1 can\'t be used (ECONNREFUSED). Check its address in the field "Proxy" of the account, and whether it runs and is reached from this machine.',
      );
      equal(fault.isPermanent, false);
    });

    it("that is not there for an http host", async () => {
      const fault = await failure(open({ proxy: "http://127.0.0.1:1" }).fetch("http://files.example.com/"));
      match(fault.text, /^The proxy http:\/\/127\.0\.0\.1:1 can't be used \(ECONNREFUSED\)/);
    });

    it("that closes the connection, or is no proxy", async () => {
      const other = createServer((socket) => socket.end("hello\r\n\r\n"));
      other.listen(0, "127.0.0.1");
      await once(other, "listening");
      try {
        const { port } = other.address() as AddressInfo;
        match((await failure(open({ proxy: `http://127.0.0.1:${port}` }).fetch(HTTPS))).text, /^The proxy http:.*/);
      } finally {
        other.close();
      }
    });
  });

  describe("say what is wrong with a certificate", () => {
    const direct = async (server: HttpServer, settings: ConnectionSettings) => {
      const through = await startProxy(() => server.port);
      try {
        return await failure(open({ ...settings, proxy: through.url }).fetch(HTTPS));
      } finally {
        await connections.destroy();
        await through.close();
      }
    };
    async function serveWith(names: readonly string[], validUntil?: Date): Promise<HttpServer> {
      return await serveHttp((_request, response) => response.end(), await authority.issue(names, validUntil));
    }

    it("from an unknown authority: the CA file and NODE_EXTRA_CA_CERTS", async () => {
      const { text, isPermanent } = await direct(secure, {});
      match(
        text,
        /certificate of store\.example\.com is from an authority that is not trusted here \(SELF_SIGNED_CERT_IN_CHAIN\)/,
      );
      match(text, /CA file of the account, or set NODE_EXTRA_CA_CERTS/);
      equal(isPermanent, true);
    });

    it("that has expired: the date", async () => {
      const server = await serveWith([HOST], new Date(Date.now() - 60_000));
      match((await direct(server, { caFile })).text, /has expired \(CERT_HAS_EXPIRED\)/);
      await server.close();
    });

    it("for another name: the address", async () => {
      const server = await serveWith(["other.example.com"]);
      match((await direct(server, { caFile })).text, /is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)/);
      await server.close();
    });

    it("of a server that speaks no TLS: the port", async () => {
      match((await direct(plain, { caFile })).text, /no common protocol or cipher \((?:EPROTO|ERR_SSL_\w+)\)/);
    });
  });

  describe("refuse a CA file", () => {
    for (const [what, content, text] of [
      ["that is not there", undefined, /can't be read \(ENOENT\)/],
      ["in another format", "\u0030\u0082\u0003binary", /has no certificate in PEM format.*openssl x509 -inform der/],
      [
        "that is damaged",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        /a certificate that is damaged/,
      ],
    ] as const) {
      it(`${what}, with its path and where it is set`, async () => {
        const path = join(folder, `${what}.pem`);
        if (content !== undefined) {
          writeFileSync(path, content);
        }
        await rejects(open({ caFile: { path, setBy: "AWS_CA_BUNDLE" } }).agents(), ({ message }: Error) => {
          ok(message.startsWith(`The CA file ${path} (AWS_CA_BUNDLE) `), message);
          match(message, text);
          return true;
        });
      });
    }
  });

  it("leave no connection to a proxy that does not answer", async () => {
    const silent = await startProxy(() => secure.port);
    silent.refusal = "silence";
    const { fetch } = open({ proxy: silent.url, proxyLimitMs: 100 });
    const { text } = await failure(fetch(HTTPS));
    match(text, /^The proxy http:.* can't be used \(no response within 0\.1 s\)/);
    await until(() => silent.open === 0);
    await silent.close();
  });

  it("trust the certificates of NODE_EXTRA_CA_CERTS, too, with a CA file of their own and without", async () => {
    const other = await createAuthority("Other CA");
    const path = join(folder, "other.pem");
    writeFileSync(path, other.cert);
    const script = `
      const { Connections } = await import(${JSON.stringify(new URL("../../../../src/services/http/connections/connections.ts", import.meta.url).href)});
      for (const caFile of [undefined, { path: ${JSON.stringify(path)}, setBy: "test" }]) {
        const connections = new Connections({ proxy: ${JSON.stringify(proxy.url)}, caFile });
        console.log(await (await connections.fetch(${JSON.stringify(HTTPS)})).text());
        await connections.destroy();
      }`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: caFile?.path ?? "" };
    const args = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    equal(stdout, "hello\nhello\n");
  });
});

/** Resolves every name to this machine. */
function toThisMachine(_host: string, options: { all?: boolean }, found: (...args: unknown[]) => void): void {
  if (options.all) {
    found(null, [{ address: "127.0.0.1", family: 4 }]);
  } else {
    found(null, "127.0.0.1", 4);
  }
}
