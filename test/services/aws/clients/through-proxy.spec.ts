import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HeadBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { checkAccount } from "../../../../src/services/aws/account/check-account.ts";
import { type AwsClientSettings, AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import { listBuckets } from "../../../../src/services/s3/listing/list-buckets.ts";
import { type Authority, createAuthority } from "../../../support/certificates.ts";
import { startProxy, type TestProxy } from "../../../support/proxy-server.ts";
import { useAwsHome } from "../aws-home.ts";
import { type RecordingServer, serveRecorder } from "../recording-server.ts";

const REGION = "eu-west-3";
const ROLE = { arn: "arn:aws:iam::123456789012:role/pipeline" };
const KEYS = { kind: "keys", accessKeyId: "AKIDFORM", secretAccessKey: "secret" } as const;
const HOSTS = ["s3", "ec2", "ssm", "sts", "portal.sso"].map((service) => `${service}.${REGION}.amazonaws.com`);
const { signal } = new AbortController();

describe("requests to AWS from a network with a proxy", () => {
  const home = useAwsHome();
  let authority: Authority;
  let aws: RecordingServer;
  let proxy: TestProxy;
  let clients: AwsClients | undefined;
  let caFile: string;

  before(async () => {
    authority = await createAuthority("Company CA");
    aws = await serveRecorder(await authority.issue([...HOSTS, `*.${HOSTS[0]}`]));
    proxy = await startProxy(() => aws.port);
  });
  beforeEach(() => {
    aws.requests.length = 0;
    aws.answer = undefined;
    proxy.asked.length = 0;
    proxy.refusal = undefined;
    caFile = join(home.folder, "company.pem");
    writeFileSync(caFile, authority.cert);
  });
  afterEach(() => clients?.destroy());
  after(async () => {
    await aws.close();
    await proxy.close();
  });

  function open(settings: Partial<AwsClientSettings> = {}): AwsClients {
    clients = new AwsClients({ region: REGION, credentials: { source: KEYS }, ...settings });
    return clients;
  }

  async function failure(settings: Partial<AwsClientSettings> = {}): Promise<PipelineError> {
    const opened = open(settings);
    return await opened
      .s3()
      .then((s3) => listBuckets(s3, signal))
      .then(
        () => Promise.reject(new Error("It should have failed.")),
        (error: PipelineError) => error,
      );
  }

  const tunnels = (): string[] => [...new Set(proxy.asked)].sort();

  it("all go through HTTPS_PROXY: S3, EC2, SSM, STS, and the test of the account", async () => {
    home.set({ HTTPS_PROXY: proxy.url });
    const opened = open({ caFile, credentials: { source: KEYS, role: ROLE } });
    const { identity, actions } = await checkAccount(opened, signal);
    equal(identity?.account, "123456789012");
    ok(
      actions.every(({ fault }) => fault === undefined),
      JSON.stringify(actions),
    );
    await (await opened.s3()).send(new HeadBucketCommand({ Bucket: "videos" }));
    deepEqual(
      tunnels(),
      ["ec2", "s3", "ssm", "sts", "videos.s3"].map((service) => `CONNECT ${service}.${REGION}.amazonaws.com:443`),
    );
  });

  it("go through the proxy of the account, whatever the environment says", async () => {
    home.set({ HTTPS_PROXY: "http://127.0.0.1:1" });
    await listBuckets(await open({ proxy: proxy.url, caFile }).s3(), signal);
    deepEqual(tunnels(), [`CONNECT ${HOSTS[0]}:443`]);
  });

  it("go through the proxy to single sign-on", async () => {
    const start = "https://example.awsapps.com/start";
    const cache = join(home.folder, ".aws", "sso", "cache");
    mkdirSync(cache, { recursive: true });
    const file = `${createHash("sha1").update(start).digest("hex")}.json`;
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    writeFileSync(join(cache, file), JSON.stringify({ accessToken: "t", expiresAt }));
    const sso = `sso_start_url = ${start}\nsso_region = ${REGION}\nsso_account_id = 1\nsso_role_name = r`;
    home.write({ config: `[profile gpu]\n${sso}\nca_bundle = ${caFile}\n` });
    home.set({ HTTPS_PROXY: proxy.url });
    aws.answer = (_request, response) => response.writeHead(500).end("{}");
    await failure({ credentials: { source: { kind: "profile", profile: "gpu" } } });
    deepEqual(tunnels(), [`CONNECT ${HOSTS[4]}:443`]);
  });

  it("go directly to an endpoint on this machine, and to the credentials of the container", async () => {
    const local = await serveRecorder();
    try {
      home.set({
        HTTPS_PROXY: proxy.url,
        HTTP_PROXY: proxy.url,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${local.url}/keys`,
      });
      local.answer = ({ place }, response) =>
        response.end(
          place === "keys"
            ? JSON.stringify({
                AccessKeyId: "ASIATASK",
                SecretAccessKey: "s",
                Token: "t",
                Expiration: "2099-01-01T00:00:00Z",
              })
            : "<ListAllMyBucketsResult/>",
        );
      await listBuckets(await open({ endpoint: local.url, credentials: { source: { kind: "chain" } } }).s3(), signal);
      equal(local.requests.at(-1)?.accessKeyId, "ASIATASK");
      deepEqual(proxy.asked, []);
    } finally {
      await local.close();
    }
  });

  it("are forwarded to an http endpoint, signed for it", async () => {
    const store = await serveRecorder();
    const forwarding = await startProxy(() => store.port);
    try {
      home.set({ HTTP_PROXY: forwarding.url });
      await listBuckets(await open({ endpoint: "http://store.example.com:9000" }).s3(), signal);
      equal(forwarding.asked[0]?.startsWith("GET http://store.example.com:9000/"), true);
      deepEqual([store.requests[0]?.host, store.requests[0]?.accessKeyId], ["store.example.com:9000", "AKIDFORM"]);
    } finally {
      await store.close();
      await forwarding.close();
    }
  });

  it("are forwarded once and unchanged with a large body, which the SDK announces by Expect: 100-continue", async () => {
    const store = await serveRecorder();
    const forwarding = await startProxy(() => store.port);
    try {
      home.set({ HTTP_PROXY: forwarding.url });
      const s3 = await open({ endpoint: "http://store.example.com:9000" }).s3();
      const Body = Buffer.from("0123456789abcdef".repeat(200_000));
      for (const Key of ["a.mp4", "b.mp4"]) {
        await s3.send(new PutObjectCommand({ Bucket: "videos", Key, Body }));
      }
      equal(forwarding.asked.length, 2, forwarding.asked.join());
      for (const { body } of store.requests) {
        ok(body === Body.toString(), "the body has changed");
      }
    } finally {
      await store.close();
      await forwarding.close();
    }
  });

  describe("trust a company's certificates", () => {
    for (const [where, use] of [
      ["of the account", () => ({ caFile })],
      [
        "of AWS_CA_BUNDLE",
        () => {
          home.set({ AWS_CA_BUNDLE: caFile });
          return {};
        },
      ],
      [
        "of the profile's ca_bundle",
        () => {
          home.write({ config: `[default]\nca_bundle = ${caFile}\n` });
          return {};
        },
      ],
    ] as const) {
      it(where, async () => {
        await listBuckets(await open({ ...use(), proxy: proxy.url }).s3(), signal);
        equal(aws.requests.length, 1);
      });
    }

    it("or name the host and the CA file", async () => {
      const { code, message, retryable } = await failure({ proxy: proxy.url });
      deepEqual([code, retryable], ["AWS_UNREACHABLE", false]);
      match(
        message,
        /^S3 ListAllMyBuckets, buckets: the certificate of s3\.eu-west-3\.amazonaws\.com is from an authority/,
      );
      match(message, /enter the authority's certificate as the CA file of the account/);
    });

    it("or name the host of STS", async () => {
      const { message } = await failure({ proxy: proxy.url, credentials: { source: KEYS, role: ROLE } });
      match(
        message,
        /^STS AssumeRole, role .*: the certificate of sts\.eu-west-3\.amazonaws\.com is from an authority/,
      );
    });

    it("or say that AWS_CA_BUNDLE is not there", async () => {
      home.set({ AWS_CA_BUNDLE: "/nowhere/ca.pem" });
      const { code, message } = await failure();
      equal(code, "INPUT_INVALID");
      match(message, /^The CA file \/nowhere\/ca\.pem \(AWS_CA_BUNDLE\) can't be read \(ENOENT\)/);
    });
  });

  describe("name the proxy", () => {
    const withPassword = (): string => proxy.url.replace("//", "//node-red:hunter2@");

    for (const [status, retryable, text] of [
      [407, false, /does not accept the user name and password/],
      [403, false, /does not allow connections to s3\.eu-west-3\.amazonaws\.com:443 \(HTTP 403\)/],
      [503, true, /could not connect to s3\.eu-west-3\.amazonaws\.com:443 \(HTTP 503\)/],
    ] as const) {
      it(`that answers ${status}, without its password in any text`, async () => {
        proxy.refusal = status;
        home.set({ HTTPS_PROXY: withPassword() });
        const error = await failure({ caFile });
        deepEqual([error.code, error.retryable], ["AWS_UNREACHABLE", retryable]);
        match(error.message, text);
        ok(error.message.startsWith(`S3 ListAllMyBuckets, buckets: The proxy ${proxy.url} `), error.message);
        const said = JSON.stringify([error.message, error.stack, error.details, String(error.cause)]);
        ok(!said.includes("hunter2"), said);
      });
    }

    it("that is not there, also for STS", async () => {
      home.set({ HTTPS_PROXY: "http://127.0.0.1:1" });
      const { message, retryable } = await failure({ credentials: { source: KEYS, role: ROLE } });
      equal(retryable, true);
      match(message, /^STS AssumeRole, .*: The proxy http:\/\/127\.0\.0\.1:1 can't be used \(ECONNREFUSED\)/);
    });

    it("that asks for a password for an http endpoint", async () => {
      proxy.refusal = 407;
      home.set({ HTTP_PROXY: proxy.url });
      const { code, message } = await failure({ endpoint: "http://store.example.com:9000" });
      equal(code, "AWS_UNREACHABLE");
      match(message, /the proxy asks for a user name and password \(HTTP 407\)/);
    });

    it("that is no HTTP proxy, with its variable", async () => {
      home.set({ ALL_PROXY: "socks5://127.0.0.1:1080" });
      const { code, message } = await failure();
      equal(code, "INPUT_INVALID");
      match(message, /^The proxy in ALL_PROXY is a SOCKS proxy/);
    });
  });
});
