import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { Connections } from "../../../../src/services/http/connections/connections.ts";
import type { AddressRules, Resolve } from "../../../../src/services/http/guard/guard-address.ts";
import { readText } from "../../../../src/services/http/url/read-text.ts";
import { createAuthority } from "../../../support/certificates.ts";
import { useOwnEnvironment } from "../../../support/environment.ts";
import { type HttpServer, serveHttp } from "../../../support/http-server.ts";
import { startProxy, type TestProxy } from "../../../support/proxy-server.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const { signal } = new AbortController();

/** A network whose resolver knows these names only. */
function resolver(names: Readonly<Record<string, readonly string[]>>): Resolve {
  return (host, _options, found) => {
    const addresses = names[host];
    if (addresses === undefined) {
      found(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }), []);
    } else {
      found(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    }
  };
}

describe("a URL that is read through a proxy", () => {
  let secure: HttpServer;
  let plain: HttpServer;
  let proxy: TestProxy;
  let through: Connections;
  let path: string;

  useOwnEnvironment(/^LIGHTLY_AWS_ALLOWED_HOSTS$|_proxy$/i);
  before(async () => {
    const authority = await createAuthority("Company CA");
    path = join(temporaryFolder(), "ca.pem");
    writeFileSync(path, authority.cert);
    const answer: Parameters<typeof serveHttp>[0] = ({ url = "" }, response) => {
      const [, location] = /^\/to\?(.*)$/.exec(url) ?? [];
      response.writeHead(location ? 302 : 200, location ? { location } : {}).end("frames");
    };
    secure = await serveHttp(answer, await authority.issue(["videos.example.com"]));
    plain = await serveHttp(answer);
    proxy = await startProxy((host) => (host === "videos.example.com" ? secure.port : plain.port));
  });
  beforeEach(() => {
    through = new Connections({ proxy: proxy.url, caFile: { path, setBy: "test" } });
    proxy.asked.length = 0;
    proxy.refusal = undefined;
  });
  afterEach(() => through.destroy());
  after(async () => {
    await Promise.all([secure.close(), plain.close(), proxy.close()]);
  });

  const read = (url: string, names: Parameters<typeof resolver>[0] = {}, rules: AddressRules = {}): Promise<string> =>
    readText({ url, maxBytes: 1000, addresses: { through, resolve: resolver(names), ...rules }, signal });

  const PUBLIC = { "videos.example.com": ["93.184.215.14"], "plain.example.com": ["93.184.215.15"] };

  it("comes through its tunnel, or is forwarded", async () => {
    equal(await read("https://videos.example.com/a.mp4", PUBLIC), "frames");
    equal(await read("http://plain.example.com/a.mp4", PUBLIC), "frames");
    deepEqual(proxy.asked, ["CONNECT videos.example.com:443", "GET http://plain.example.com/a.mp4"]);
  });

  it("comes through the proxy of the environment where no account is given", async () => {
    process.env.HTTP_PROXY = proxy.url;
    const addresses = { resolve: resolver(PUBLIC) };
    equal(await readText({ url: "http://plain.example.com/a", maxBytes: 1000, addresses, signal }), "frames");
    deepEqual(proxy.asked, ["GET http://plain.example.com/a"]);
  });

  it("is read although only the proxy can resolve names of the Internet", async () => {
    equal(await read("https://videos.example.com/a.mp4"), "frames");
  });

  for (const [what, url, names] of [
    ["an internal address", "https://10.0.0.1/", {}],
    ["the metadata service", "http://169.254.169.254/latest/meta-data/", {}],
    ["this machine", "http://127.0.0.1:1880/", {}],
    ["a name of an internal address", "https://videos.example.com/", { "videos.example.com": ["10.1.2.3"] }],
    [
      "a name of which one address is internal",
      "https://videos.example.com/",
      { "videos.example.com": ["93.184.215.14", "fd00::1"] },
    ],
    ["an internal name that only the proxy knows", "http://metadata.google.internal/", {}],
    ["a name without a dot that only the proxy knows", "http://intranet/", {}],
  ] as const) {
    it(`does not reach ${what}`, async () => {
      await rejects(read(url, names), { code: "SOURCE_ADDRESS_REFUSED" });
      deepEqual(proxy.asked, []);
    });
  }

  it("does not reach an internal address by a redirect", async () => {
    await rejects(read("http://plain.example.com/to?https://10.0.0.1/", PUBLIC), { code: "SOURCE_ADDRESS_REFUSED" });
    deepEqual(proxy.asked, ["GET http://plain.example.com/to?https://10.0.0.1/"]);
  });

  it("reaches an internal host that the administrator allows", async () => {
    process.env.LIGHTLY_AWS_ALLOWED_HOSTS = "plain.example.com";
    equal(await read("http://plain.example.com/", { "plain.example.com": ["10.1.2.3"] }), "frames");
  });

  it("does not wait long for a resolver that does not respond", async () => {
    const addresses: AddressRules = { through, resolve: () => undefined, resolveLimitMs: 50 };
    equal(await readText({ url: "http://plain.example.com/", maxBytes: 1000, addresses, signal }), "frames");
  });

  for (const [url, status, text] of [
    ["https://videos.example.com/", 407, /was not reached: The proxy http:.* asks for a user name and password/],
    ["http://plain.example.com/", 407, /the proxy asks for a user name and password \(HTTP 407\)/],
    ["https://videos.example.com/", 403, /The proxy http:.* does not allow connections to videos\.example\.com:443/],
  ] as const) {
    it(`says that the proxy answers ${status} for ${url}`, async () => {
      proxy.refusal = status;
      await rejects(read(url, PUBLIC), ({ code, message, retryable }: PipelineError) => {
        deepEqual([code, retryable], ["SOURCE_UNREACHABLE", false]);
        match(message, text);
        return true;
      });
    });
  }
});
