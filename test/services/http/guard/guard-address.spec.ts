import assert from "node:assert/strict";
import type { LookupAddress } from "node:dns";
import { createServer, get, globalAgent, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import type { AddressRules, Resolve } from "../../../../src/services/http/guard/guard-address.ts";
import { allowHosts } from "../../../../src/services/http/guard/host-allowlist.ts";
import { parseSourceUrl } from "../../../../src/services/http/url/source-url.ts";
import { openUrlStream } from "../../../../src/services/http/url/url-stream.ts";
import { manualClock } from "../../../support/fake-clock.ts";
import { useNoAllowedHosts } from "../allowed.ts";

const SECRET = "what the inner host answers";

/** A name server of a test: each query gets the next response, and finally the last one. */
function answering(...answers: ReadonlyArray<readonly string[]>): Resolve & { asked: number } {
  const resolve = Object.assign(
    (
      _name: string,
      _options: unknown,
      found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
    ) => {
      const answer = answers[Math.min(resolve.asked, answers.length - 1)] ?? [];
      resolve.asked += 1;
      found(
        null,
        answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    },
    { asked: 0 },
  );
  return resolve;
}

describe("a download's address", () => {
  useNoAllowedHosts();

  const servers: Server[] = [];
  const requested: string[] = [];
  afterEach(async () => {
    globalAgent.destroy();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    requested.length = 0;
  });

  async function listen(address: string, redirectTo?: string): Promise<number> {
    const server = createServer((request, response) => {
      requested.push(`${request.headers.host}${request.url}`);
      if (redirectTo !== undefined && request.url === "/redirect") {
        response.writeHead(302, { location: redirectTo }).end();
      } else {
        response.writeHead(200, { "content-type": "video/mp4", "content-length": SECRET.length }).end(SECRET);
      }
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    return (server.address() as AddressInfo).port;
  }

  async function read(url: string, addresses?: AddressRules): Promise<string> {
    const stream = await openUrlStream({
      url: parseSourceUrl(url),
      signal: new AbortController().signal,
      clock: manualClock(30_000),
      ...(addresses && { addresses }),
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stream.chunks) {
      chunks.push(Buffer.from(chunk));
    }
    return Buffer.concat(chunks).toString();
  }

  async function refusal(url: string, addresses?: AddressRules): Promise<PipelineError> {
    const error = await read(url, addresses).then(
      (text) => assert.fail(`it was read: ${text}`),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof PipelineError, String(error));
    assert.equal(error.code, "SOURCE_ADDRESS_REFUSED");
    assert.equal(error.retryable, false);
    assert.ok(!JSON.stringify([error.message, error.details]).includes(SECRET));
    return error;
  }

  for (const host of [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "127%2e0%2e0%2e1",
    "①②⑦.0.0.1",
    "0.0.0.0",
    "0",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "localhost",
    "LOCALHOST",
  ]) {
    it(`is refused for ${host}, without a request to the local server`, async () => {
      const port = await listen("127.0.0.1");
      const error = await refusal(`http://${host}:${port}/clip.mp4`);
      assert.match(error.message, /loopback|unspecified/);
      assert.match(error.message, /lightlyAwsAllowedHosts.*LIGHTLY_AWS_ALLOWED_HOSTS/);
      assert.deepEqual(requested, []);
    });
  }

  for (const host of ["[::1]", "[0:0:0:0:0:0:0:1]", "[::]"]) {
    it(`is refused for ${host}, over IPv6`, async () => {
      const port = await listen("::1");
      await refusal(`http://${host}:${port}/clip.mp4`);
      assert.deepEqual(requested, []);
    });
  }

  for (const [host, expected] of [
    ["169.254.169.254", "link-local"],
    ["[fe80::1]", "link-local"],
    ["[fd00:ec2::254]", "unique local"],
    ["100.100.100.200", "carrier-grade NAT"],
    ["168.63.129.16", "cloud metadata"],
    ["10.0.0.1", "private"],
    ["192.168.0.1", "private"],
    ["[64:ff9b::a9fe:a9fe]", "link-local"],
    ["[::7f00:1]", "reserved"],
    ["224.0.0.1", "multicast"],
  ] as const) {
    it(`is refused for ${host}, as ${expected}`, async () => {
      const error = await refusal(`http://${host}/latest/meta-data/`);
      assert.equal(error.details.addressClass, expected);
      assert.ok(error.message.includes(host));
    });
  }

  it("can't have a zone", () => {
    assert.throws(() => parseSourceUrl("http://[fe80::1%25eth0]/"), { code: "SOURCE_URL_INVALID" });
  });

  it("is refused over https as well", async () => {
    await refusal("https://127.0.0.1/clip.mp4");
    await refusal("https://inner.example/clip.mp4", { resolve: answering(["10.0.0.1"]) });
  });

  it("is refused if a name resolves to it, and the error does not contain it", async () => {
    const port = await listen("127.0.0.1");
    const error = await refusal(`http://inner.example:${port}/`, { resolve: answering(["127.0.0.1"]) });
    assert.ok(error.message.includes(`inner.example:${port}`));
    assert.ok(!JSON.stringify([error.message, error.details]).includes("127.0.0.1"));
    assert.deepEqual(requested, []);
  });

  it("is the checked one, even if the name resolves to another one a moment later", async () => {
    const port = await listen("127.0.0.1");
    allowHosts(["127.0.0.1"]);
    const resolve = answering(["127.0.0.1"], ["::1"]);
    // With one query for the check and another one for the connection, it would resolve to ::1.
    assert.equal(await read(`http://rebinding.example:${port}/`, { resolve }), SECRET);
    assert.equal(resolve.asked, 1);
  });

  it("is checked for each connection", async () => {
    const port = await listen("127.0.0.1", "/secret");
    allowHosts(["127.0.0.1"]);
    const resolve = answering(["127.0.0.1"], ["10.0.0.1"]);
    await refusal(`http://rebinding.example:${port}/redirect`, { resolve });
    assert.deepEqual(requested, [`rebinding.example:${port}/redirect`]);
    assert.equal(resolve.asked, 2);
  });

  it("is never a refused one of several addresses of a name", async () => {
    const port = await listen("127.0.0.1");
    allowHosts(["127.0.0.1"]);
    const answer = await read(`http://both.example:${port}/`, { resolve: answering(["10.255.255.1", "127.0.0.1"]) });
    assert.equal(answer, SECRET);
    allowHosts([]);
    await refusal(`http://both.example:${port}/`, { resolve: answering(["10.255.255.1", "127.0.0.1"]) });
  });

  it("is checked for each redirect", async () => {
    const inner = await listen("127.0.0.1");
    const last = await listen("127.0.0.1", `http://127.0.0.1:${inner}/secret`);
    const first = await listen("127.0.0.1", `http://127.0.0.1:${last}/redirect`);
    allowHosts([`127.0.0.1:${first}`, `127.0.0.1:${last}`]);
    const error = await refusal(`http://127.0.0.1:${first}/redirect`);
    assert.equal(error.details.host, `127.0.0.1:${inner}`);
    assert.equal(requested.length, 2);
  });

  for (const target of [
    "http://2130706433/",
    "http://[::ffff:7f00:1]/",
    "//169.254.169.254/latest/",
    "http://[fe80::1]/",
  ]) {
    it(`is refused if a redirect leads to ${target}`, async () => {
      const port = await listen("127.0.0.1", target);
      allowHosts([`127.0.0.1:${port}`]);
      await refusal(`http://127.0.0.1:${port}/redirect`);
    });
  }

  it("is not reached over an existing keep-alive connection", async () => {
    const port = await listen("127.0.0.1");
    const url = `http://kept.example:${port}/`;
    const lookup = (_name: string, options: { all?: boolean }, found: (...results: unknown[]) => void) =>
      options.all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);
    await new Promise<void>((resolve, reject) => {
      get(url, { lookup: lookup as never }, (response) => response.resume().on("end", resolve)).on("error", reject);
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(Object.values(globalAgent.freeSockets).flat().length, 1);
    await refusal(url, { resolve: answering(["93.184.215.14"]) });
    assert.equal(requested.length, 1);
  });

  describe("is reached if it is allowed", () => {
    it("by the administrator, by host, by host and port, or by network", async () => {
      const port = await listen("127.0.0.1");
      for (const entry of ["127.0.0.1", `127.0.0.1:${port}`, "127.0.0.0/8"]) {
        allowHosts([entry]);
        assert.equal(await read(`http://127.0.0.1:${port}/`), SECRET);
      }
      allowHosts([`127.0.0.1:${port + 1}`]);
      await refusal(`http://127.0.0.1:${port}/`);
    });

    it("by the environment", async () => {
      const port = await listen("::1");
      process.env.LIGHTLY_AWS_ALLOWED_HOSTS = "nas.local, ::1";
      assert.equal(await read(`http://[::1]:${port}/`), SECRET);
    });

    it("by its name, with any address", async () => {
      const port = await listen("127.0.0.1");
      allowHosts(["nas.example"]);
      assert.equal(await read(`http://nas.example:${port}/`, { resolve: answering(["127.0.0.1"]) }), SECRET);
      await refusal(`http://other.example:${port}/`, { resolve: answering(["127.0.0.1"]) });
    });

    it("as the account's own server", async () => {
      const port = await listen("127.0.0.1");
      assert.equal(await read(`http://127.0.0.1:${port}/`, { allow: [`127.0.0.1:${port}`] }), SECRET);
      await refusal(`http://127.0.0.1:${port}/`, { allow: [`127.0.0.1:${port + 1}`] });
    });

    it("but the error names invalid entries", async () => {
      allowHosts(["http://127.0.0.1"]);
      assert.match((await refusal("http://127.0.0.1/")).message, /are not valid: http:\/\/127\.0\.0\.1\./);
    });
  });
});
