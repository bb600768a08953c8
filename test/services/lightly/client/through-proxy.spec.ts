import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { type ConnectionSettings, Connections } from "../../../../src/services/http/connections/connections.ts";
import { createLightlyClient } from "../../../../src/services/lightly/client/lightly-client.ts";
import { createPexelsClient } from "../../../../src/services/pexels/pexels-client.ts";
import { createAuthority } from "../../../support/certificates.ts";
import { useOwnEnvironment } from "../../../support/environment.ts";
import { type HttpServer, serveHttp } from "../../../support/http-server.ts";
import { startProxy, type TestProxy } from "../../../support/proxy-server.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const { signal } = new AbortController();
const HOSTS = ["api.lightly.ai", "api.pexels.com"];

describe("requests to Lightly and Pexels from a network with a proxy", () => {
  useOwnEnvironment(/_proxy$/i);
  let server: HttpServer;
  let proxy: TestProxy;
  let connections: Connections;
  let caFile: NonNullable<ConnectionSettings["caFile"]>;

  before(async () => {
    const authority = await createAuthority("Company CA");
    caFile = { path: join(temporaryFolder(), "ca.pem"), setBy: "test" };
    writeFileSync(caFile.path, authority.cert);
    server = await serveHttp((_request, response) => response.end("[]"), await authority.issue(HOSTS));
    proxy = await startProxy(() => server.port);
  });
  beforeEach(() => {
    proxy.asked.length = 0;
    proxy.refusal = undefined;
  });
  afterEach(() => connections.destroy());
  after(async () => {
    await server.close();
    await proxy.close();
  });

  const CLIENTS = {
    Lightly: (settings: ConnectionSettings) => {
      connections = new Connections(settings);
      const client = createLightlyClient({ token: "some-token", server: "https://api.lightly.ai", connections });
      return client.request({ method: "GET", path: "/v1/datasets", attempts: 1, signal });
    },
    Pexels: (settings: ConnectionSettings) => {
      connections = new Connections(settings);
      const client = createPexelsClient({ apiKey: "some-key", apiUrl: "https://api.pexels.com", connections });
      return client.get("/videos/popular", {}, signal, { attempts: 1 });
    },
  } as const;

  for (const [index, name] of (["Lightly", "Pexels"] as const).entries()) {
    const ask = CLIENTS[name];
    const code = `${name.toUpperCase()}_UNREACHABLE`;

    it(`say for ${name} that the CA file or the proxy is not valid, and are not repeated`, async () => {
      process.env.ALL_PROXY = "socks5://127.0.0.1:1080";
      await rejects(ask({}), { code: "INPUT_INVALID", retryable: false, message: /ALL_PROXY is a SOCKS proxy/ });
      const missing = { ...caFile, path: `${caFile.path}.missing` };
      await rejects(ask({ caFile: missing }), {
        code: "INPUT_INVALID",
        retryable: false,
        message: /can't be read \(ENOENT\)/,
      });
    });

    it(`reach ${name} through it, with the CA file`, async () => {
      await ask({ proxy: proxy.url, caFile });
      deepEqual(proxy.asked, [`CONNECT ${HOSTS[index]}:443`]);
    });

    it(`to ${name} name the proxy that refuses, without its password`, async () => {
      proxy.refusal = 407;
      const settings = { proxy: proxy.url.replace("//", "//user:hunter2@"), caFile };
      await rejects(ask(settings), (error: PipelineError) => {
        deepEqual([error.code, error.retryable], [code, false]);
        match(error.message, /was not reached.*: The proxy http:.* does not accept the user name and password/);
        ok(!JSON.stringify([error.message, error.stack, error.details, String(error.cause)]).includes("hunter2"));
        return true;
      });
    });

    it(`to ${name} name the proxy that is not there, and may be tried again`, async () => {
      await rejects(ask({ proxy: "http://127.0.0.1:1" }), (error: PipelineError) => {
        deepEqual([error.code, error.retryable], [code, true]);
        match(error.message, /The proxy http:\/\/127\.0\.0\.1:1 can't be used \(ECONNREFUSED\)/);
        equal(error.details.delivery ?? "not-sent", "not-sent");
        return true;
      });
    });

    it(`to ${name} name the host whose certificate is not trusted, and the CA file`, async () => {
      await rejects(ask({ proxy: proxy.url }), (error: PipelineError) => {
        deepEqual([error.code, error.retryable], [code, false]);
        match(error.message, new RegExp(`certificate of ${HOSTS[index]} is from an authority`));
        match(error.message, /as the CA file of the account/);
        return true;
      });
    });
  }
});
