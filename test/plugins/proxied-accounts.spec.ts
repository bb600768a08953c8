import { deepEqual, equal, match, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import { createAuthority } from "../support/certificates.ts";
import { type HttpServer, serveHttp } from "../support/http-server.ts";
import { startProxy, type TestProxy } from "../support/proxy-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startNodeRedWithUsers } from "./support/node-red-with-users.ts";

const VARIABLE = ["$", "{COMPANY_PROXY}"].join("");

describe("accounts with a proxy and a CA file in a Node-RED", () => {
  let nodeRed: NodeRedProcess;
  let server: HttpServer;
  let proxy: TestProxy;
  const caFile = join(temporaryFolder(), "ca.pem");

  before(async () => {
    const authority = await createAuthority("Company CA");
    writeFileSync(caFile, authority.cert);
    const tls = await authority.issue(["lightly.example.com", "pexels.example.com", "aws.example.com"]);
    server = await serveHttp((_request, response) => response.end("[]"), tls);
    proxy = await startProxy(() => server.port);
    const withPassword = proxy.url.replace("//", "//node-red:hunter2@");
    nodeRed = await startNodeRedWithUsers([], { COMPANY_PROXY: withPassword });
    const settings = { caFile, credentialSource: "keys", region: "eu-central-1" };
    const accounts = [
      {
        ...{ id: "lightly", type: "lightly-account", apiUrl: "https://lightly.example.com", ...settings },
        credentials: { token: "some-token", proxy: VARIABLE },
      },
      {
        ...{ id: "pexels", type: "lightly-pexels-account", apiUrl: "https://pexels.example.com", ...settings },
        credentials: { apiKey: "some-key", proxy: withPassword },
      },
      {
        ...{ id: "aws", type: "lightly-aws-account", endpoint: "https://aws.example.com", ...settings },
        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", proxy: withPassword },
      },
    ];
    const { status } = await fetch(`${nodeRed.url}/flows`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer *" },
      body: JSON.stringify(accounts),
    });
    equal(status, 204);
  });
  beforeEach(() => {
    proxy.asked.length = 0;
    proxy.authorizations.length = 0;
    proxy.refusal = undefined;
  });
  after(async () => {
    await nodeRed?.close();
    await server?.close();
    await proxy?.close();
  });

  async function test(id: string, type: string, host: string): Promise<string> {
    const address = type === "lightly-aws-account" ? "endpoint" : "apiUrl";
    const values = { [address]: `https://${host}`, caFile, credentialSource: "keys", region: "eu-central-1" };
    const response = await fetch(`${nodeRed.url}/lightly-aws/connection-test`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer lightly-aws-lookups.write" },
      body: JSON.stringify({ account: { id, type, values } }),
    });
    return await response.text();
  }

  for (const [id, type] of [
    ["lightly", "lightly-account"],
    ["pexels", "lightly-pexels-account"],
    ["aws", "lightly-aws-account"],
  ] as const) {
    const host = `${id}.example.com`;

    it(`reach their server as ${type}, with the user name and password of the proxy`, async () => {
      await test(id, type, host);
      deepEqual([...new Set(proxy.asked)], [`CONNECT ${host}:443`]);
      equal(proxy.authorizations[0], `Basic ${Buffer.from("node-red:hunter2").toString("base64")}`);
    });

    it(`name the proxy that refuses as ${type}, and tell no password`, async () => {
      proxy.refusal = 407;
      const said = await test(id, type, host);
      match(said, /does not accept the user name and password of its address \(HTTP 407\)/);
      ok(said.includes(proxy.url), said);
      ok(!said.includes("hunter2"), said);
    });
  }

  it("export no address of a proxy with the flow", async () => {
    const response = await fetch(`${nodeRed.url}/flows`, { headers: { authorization: "Bearer *" } });
    ok(!(await response.text()).includes("hunter2"));
  });
});
