import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { NodeRedProcess } from "../../scripts/local/node-red-process.ts";
import { startNodeRedWithUsers } from "./support/node-red-with-users.ts";

const WRITE = "lightly-aws-lookups.write";
const DEPLOY = `${WRITE}+flows.write`;
const STORED = {
  token: "stored-token-of-lightly-0001",
  apiKey: "stored-key-of-pexels-0002",
  accessKeyId: "AKIDSTORED0000000003",
  secretAccessKey: "stored-secret-of-aws-0004",
  sessionToken: "stored-session-of-aws-0005",
};
const OWN = "value-that-the-user-typed-in";
const VARIABLES = { RIGHTS_TEST_SECRET: "secret-of-the-environment-0006", LIGHTLY_TOKEN: "fallback-of-lightly-0007" };
const variable = (name: string): string => ["$", `{${name}}`].join("");

/** A server that records all requests, and repeats them in its responses. */
async function startListener(): Promise<{ server: Server; url: string; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const said = `${decodeURIComponent(request.url ?? "")} ${JSON.stringify(request.headers)} ${Buffer.concat(chunks)}`;
      heard.push(said);
      const inXml = said.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      const isForAws = /^AWS4/.test(request.headers.authorization ?? "");
      response
        .writeHead(400, { "content-type": isForAws ? "text/xml" : "application/json" })
        .end(
          isForAws
            ? `<ErrorResponse><Error><Code>X</Code><Message>${inXml}</Message></Error></ErrorResponse>`
            : JSON.stringify({ code: "X", error: said }),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

describe("the permissions for a look-up with entered values", () => {
  let nodeRed: NodeRedProcess;
  let own: Awaited<ReturnType<typeof startListener>>;
  let other: Awaited<ReturnType<typeof startListener>>;

  before(async () => {
    [own, other] = [await startListener(), await startListener()];
    nodeRed = await startNodeRedWithUsers([], { ...VARIABLES, RIGHTS_TEST_SERVER: own.url });
    const { token, apiKey, ...keys } = STORED;
    const accounts = [
      { id: "lightly", type: "lightly-account", apiUrl: own.url, credentials: { token } },
      {
        id: "variables",
        type: "lightly-account",
        apiUrl: variable("RIGHTS_TEST_SERVER"),
        credentials: { token: variable("RIGHTS_TEST_SECRET") },
      },
      { id: "pexels", type: "lightly-pexels-account", apiUrl: own.url, credentials: { apiKey } },
      {
        id: "aws",
        type: "lightly-aws-account",
        region: "eu-central-1",
        endpoint: own.url,
        credentialSource: "keys",
        credentials: keys,
      },
    ];
    const { status } = await fetch(`${nodeRed.url}/flows`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer *" },
      body: JSON.stringify(accounts),
    });
    assert.equal(status, 204);
  });
  beforeEach(() => {
    own.heard.length = 0;
    other.heard.length = 0;
  });
  after(async () => {
    await nodeRed?.close();
    for (const { server } of [own, other]) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function ask(
    permissions: string,
    account: object,
    path = "connection-test",
  ): Promise<{ status: number; text: string }> {
    const response = await fetch(`${nodeRed.url}/lightly-aws/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${permissions}` },
      body: JSON.stringify({ account }),
    });
    return { status: response.status, text: await response.text() };
  }

  const lightly = { id: "lightly", type: "lightly-account" };
  const pexels = { id: "pexels", type: "lightly-pexels-account" };
  const aws = { id: "aws", type: "lightly-aws-account" };
  const awsValues = { region: "eu-central-1", credentialSource: "keys" };
  /** Each does more than the deployed account, with the address of another server. */
  const beyond: ReadonlyArray<readonly [string, (foreign: string) => object]> = [
    ["a stored token to another server", (apiUrl) => ({ ...lightly, values: { apiUrl } })],
    [
      "a kept token to another server",
      (apiUrl) => ({ ...lightly, values: { apiUrl }, credentials: { token: "__PWRD__" } }),
    ],
    ["a stored key to another server", (apiUrl) => ({ ...pexels, values: { apiUrl } })],
    ["a stored session to another endpoint", (endpoint) => ({ ...aws, values: { ...awsValues, endpoint } })],
    [
      "a stored session beside keys of one's own to another endpoint",
      (endpoint) => ({
        ...aws,
        values: { ...awsValues, endpoint },
        credentials: { accessKeyId: OWN, secretAccessKey: OWN },
      }),
    ],
    [
      "keys of one's own to another endpoint",
      (endpoint) => ({
        ...aws,
        values: { ...awsValues, endpoint },
        credentials: { accessKeyId: OWN, secretAccessKey: OWN, sessionToken: "" },
      }),
    ],
    [
      "a secret of another type's account",
      (apiUrl) => ({ ...lightly, id: "pexels", values: { apiUrl }, credentials: { token: "__PWRD__" } }),
    ],
    [
      "a variable as a token",
      (apiUrl) => ({
        ...lightly,
        id: "new",
        values: { apiUrl },
        credentials: { token: variable("RIGHTS_TEST_SECRET") },
      }),
    ],
    [
      "a variable in the old spelling",
      (apiUrl) => ({ ...lightly, id: "new", values: { apiUrl }, credentials: { token: "$(RIGHTS_TEST_SECRET)" } }),
    ],
    ["a deployed variable to another server", (apiUrl) => ({ ...lightly, id: "variables", values: { apiUrl } })],
    [
      "a variable that another field has deployed",
      () => ({
        ...lightly,
        id: "variables",
        values: { apiUrl: variable("RIGHTS_TEST_SECRET") },
        credentials: { token: OWN },
      }),
    ],
    [
      "a variable in the token of a deployed account",
      () => ({ ...lightly, values: { apiUrl: own.url }, credentials: { token: variable("RIGHTS_TEST_SECRET") } }),
    ],
    ["the environment's token to another server", (apiUrl) => ({ ...lightly, id: "new", values: { apiUrl } })],
    [
      "a token of one's own to an internal address",
      (apiUrl) => ({ ...lightly, id: "new", values: { apiUrl }, credentials: { token: OWN } }),
    ],
    [
      "a stored token through another proxy",
      (proxy) => ({ ...lightly, values: { apiUrl: own.url }, credentials: { proxy } }),
    ],
    [
      "a token of one's own through a proxy of one's own",
      (proxy) => ({ ...lightly, id: "new", values: {}, credentials: { token: OWN, proxy } }),
    ],
    [
      "a stored key under a CA file of one's own",
      () => ({ ...pexels, values: { apiUrl: own.url, caFile: "/tmp/own-ca.pem" } }),
    ],
    [
      "a stored session to another S3 endpoint",
      (s3Endpoint) => ({ ...aws, values: { ...awsValues, endpoint: own.url, s3Endpoint } }),
    ],
    [
      "a variable as a region",
      () => ({
        ...aws,
        values: { ...awsValues, region: variable("RIGHTS_TEST_SECRET"), endpoint: own.url },
      }),
    ],
    [
      "a profile, which may name a program to run",
      () => ({ ...aws, id: "new", values: { ...awsValues, credentialSource: "profile", profile: "other" } }),
    ],
    ["the machine's own credentials", () => ({ ...aws, id: "new", values: { region: "eu-central-1" } })],
    [
      "a role by the stored keys",
      () => ({ ...aws, values: { ...awsValues, endpoint: own.url, roleArn: "arn:aws:iam::123456789012:role/other" } }),
    ],
  ];
  for (const [what, account] of beyond) {
    it(`refuse ${what} without permission to deploy, and send nothing`, async () => {
      for (const path of ["connection-test", "lookups/buckets"]) {
        assert.equal((await ask(WRITE, account(other.url), path)).status, 401);
      }
      assert.deepEqual([...own.heard, ...other.heard], []);
    });
  }

  it("let a user with permission to deploy test an account with another address, without exposing a secret", async () => {
    const said = await ask(DEPLOY, { ...lightly, values: { apiUrl: other.url } });
    assert.equal(said.status, 502);
    assert.match(other.heard.join(), /stored-token/);
    assert.doesNotMatch(said.text, /stored-token/);
  });

  it("never send a secret for an account of another type", async () => {
    await ask(DEPLOY, { ...lightly, id: "pexels", values: { apiUrl: other.url }, credentials: { token: "__PWRD__" } });
    await ask(DEPLOY, { ...lightly, id: "aws", values: { apiUrl: other.url } });
    assert.doesNotMatch(other.heard.join(), /stored-/);
  });

  it("let a user without it test deployed accounts, with other names and variables", async () => {
    const deployed = [
      { ...lightly, name: "renamed", values: { apiUrl: own.url, pollSeconds: "5" } },
      { ...lightly, values: { apiUrl: own.url }, credentials: { token: "__PWRD__" } },
      { ...lightly, id: "variables", values: { apiUrl: variable("RIGHTS_TEST_SERVER") } },
      {
        ...lightly,
        id: "variables",
        values: { apiUrl: variable("RIGHTS_TEST_SERVER") },
        credentials: { token: variable("RIGHTS_TEST_SECRET") },
      },
      { ...pexels, values: { apiUrl: own.url } },
      { ...aws, values: { ...awsValues, endpoint: own.url, profile: "", forcePathStyle: false } },
    ];
    for (const account of deployed) {
      assert.notEqual((await ask(WRITE, account)).status, 401, JSON.stringify(account));
    }
    assert.match(own.heard.join(), /stored-token.*stored-key.*stored-session/s);
    assert.deepEqual(other.heard, []);
  });

  it("let a user without it test an entered secret at the deployed address", async () => {
    await ask(WRITE, { ...lightly, values: { apiUrl: own.url }, credentials: { token: OWN } });
    assert.match(own.heard.join(), new RegExp(OWN));
    assert.doesNotMatch(own.heard.join(), /stored-/);
  });

  it("expose neither secrets nor the values of variables, even if the server repeats them", async () => {
    const accounts = [
      { ...lightly, values: { apiUrl: own.url } },
      { ...pexels, values: { apiUrl: own.url } },
      { ...aws, values: { ...awsValues, endpoint: own.url } },
      { ...lightly, id: "variables", values: { apiUrl: variable("RIGHTS_TEST_SERVER") } },
      { ...aws, values: { ...awsValues, region: variable("RIGHTS_TEST_SECRET"), endpoint: own.url } },
      {
        ...lightly,
        id: "new",
        values: { apiUrl: variable("RIGHTS_TEST_SERVER") },
        credentials: { token: variable("RIGHTS_TEST_SECRET") },
      },
    ];
    for (const account of accounts) {
      const { status, text } = await ask(DEPLOY, account);
      assert.ok(status >= 400 || text.includes("refused"), text);
      for (const secret of [STORED.token, STORED.apiKey, STORED.secretAccessKey, STORED.sessionToken]) {
        assert.ok(!text.includes(secret), text);
      }
      assert.ok(!text.includes(VARIABLES.RIGHTS_TEST_SECRET), text);
    }
  });
});
