import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Server as ProxyChain } from "proxy-chain";
import { type RecordedRequest, serveRecorder } from "../../../services/aws/recording-server.ts";
import { createAuthority } from "../../../support/certificates.ts";
import type { Setup } from "../../judge.ts";
import { type ProcessEnd, runProcess } from "../../run-process.ts";
import type { Question } from "./ask-as-account.ts";

const ARGS: Readonly<Record<Question, readonly string[]>> = {
  buckets: ["s3api", "list-buckets"],
  objects: ["s3api", "list-objects-v2", "--bucket", "videos"],
  put: ["s3api", "put-object", "--bucket", "videos", "--key", "a", "--body", "body.txt"],
  instances: ["ec2", "describe-instances"],
  caller: ["sts", "get-caller-identity"],
};
const HOST = "aws.example.com";

/** Configuration files and an environment that both sides are given. */
interface Settings {
  readonly config?: string;
  readonly credentials?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly profile?: string;
  readonly question: Question;
}

/** How a request was sent, as far as settings decide it. */
type Sent = Readonly<Record<"service" | "place" | "region" | "accessKeyId" | "path" | "checksum", string>>;

/** Whether the AWS CLI and an account send the same requests with the same configuration files and environment. */
export async function judgeSettings({ tally, python, folder }: Setup): Promise<void> {
  const authority = await createAuthority("Company CA");
  const caFile = path.join(folder, "company.pem");
  await writeFile(caFile, authority.cert);
  await writeFile(path.join(folder, "body.txt"), "frames");
  const plain = await serveRecorder();
  const secure = await serveRecorder(await authority.issue([HOST]));
  const proxy = new ProxyChain({
    port: 0,
    host: "127.0.0.1",
    prepareRequestFunction: ({ username, password }) => ({
      requestAuthentication: username !== "node-red" || password !== "p@ss",
      dnsLookup: toThisMachine as never,
    }),
  });
  await proxy.listen();
  let count = 0;

  async function run(command: string, args: readonly string[], settings: Settings) {
    count += 1;
    const home = path.join(folder, `home-${count}`);
    await mkdir(home);
    const [config, credentials] = [path.join(home, "config"), path.join(home, "credentials")];
    await writeFile(config, settings.config ?? "");
    await writeFile(credentials, settings.credentials ?? "");
    const environment = {
      ...{ PATH: process.env.PATH, HOME: home, LANG: "C.UTF-8", AWS_PAGER: "", AWS_EC2_METADATA_DISABLED: "true" },
      ...{ AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_MAX_ATTEMPTS: "1" },
      ...settings.variables,
    };
    for (const { requests } of [plain, secure]) {
      requests.length = 0;
    }
    const proxied = proxy.stats.httpRequestCount + proxy.stats.connectRequestCount;
    const end = await runProcess({ command, args, environment, cwd: folder });
    return {
      end,
      sent: [...plain.requests, ...secure.requests].map(summary),
      isProxied: proxy.stats.httpRequestCount + proxy.stats.connectRequestCount > proxied,
    };
  }

  /** Runs both sides; resolves with what both have sent. */
  async function both(settings: Settings): Promise<{ sent: readonly Sent[]; cli: ProcessEnd; ours: ProcessEnd }> {
    const profile = settings.profile === undefined ? [] : [settings.profile];
    const cliArgs = [...ARGS[settings.question], ...profile.flatMap((name) => ["--profile", name])];
    const cli = await run(path.join(path.dirname(python), "aws"), cliArgs, settings);
    const script = path.join(import.meta.dirname, "ask-as-account.ts");
    const nodeArgs = ["--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", script, settings.question, ...profile];
    const ours = await run(process.execPath, nodeArgs, settings);
    const said = `CLI: ${cli.end.stderr.trim()}\nours: ${ours.end.stderr.trim()}`;
    assert.deepEqual(ours.sent, cli.sent, said);
    assert.equal(ours.isProxied, cli.isProxied, said);
    assert.equal(ours.end.code === 0, cli.end.code === 0, said);
    return { sent: ours.sent, cli: cli.end, ours: ours.end };
  }

  /** Both must send their last request like this. */
  async function same(name: string, settings: Settings, expected: Partial<Sent>): Promise<void> {
    await tally.check(name, async () => {
      const { sent } = await both(settings);
      const last = sent.at(-1);
      assert.ok(last, "Neither has sent a request.");
      assert.deepEqual({ ...last, ...expected }, last);
    });
  }

  /** Both must fail without a request, and say these. */
  async function bothRefuse(name: string, settings: Settings, cliSays: RegExp, weSay: RegExp): Promise<void> {
    await tally.check(name, async () => {
      const { sent, cli, ours } = await both(settings);
      assert.deepEqual(sent, []);
      assert.notEqual(cli.code, 0);
      assert.match(cli.stderr, cliSays);
      assert.match(ours.stderr, weSay);
    });
  }

  const at = (place: string): string => `${plain.url}/${place}`;
  const keys = (...names: string[]): string =>
    names
      .map((name) => `[${name}]\naws_access_key_id = AKID${name.toUpperCase()}\naws_secret_access_key = x\n`)
      .join("");
  const config = [
    `[default]\nregion = us-east-1\nendpoint_url = ${at("default")}`,
    `[profile gpu]\nregion = eu-west-3\nendpoint_url = ${at("gpu")}`,
    `[profile bare]\nendpoint_url = ${at("bare")}`,
    "[profile split]\nregion = eu-west-3\nservices = local",
    "[profile role]\nregion = eu-north-1\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = gpu\nservices = local",
    `[services local]\ns3 =\n  endpoint_url = ${at("s3")}\nsts =\n  endpoint_url = ${at("sts")}\nec2 =\n  endpoint_url = ${at("ec2")}\n`,
  ].join("\n");
  const files = { config, credentials: keys("default", "gpu", "bare", "split") };

  try {
    await same(
      "a profile brings its own region, endpoint and keys",
      { ...files, profile: "gpu", question: "buckets" },
      {
        ...{ region: "eu-west-3", place: "gpu", accessKeyId: "AKIDGPU" },
      },
    );
    await same(
      "AWS_PROFILE chooses a profile",
      { ...files, variables: { AWS_PROFILE: "gpu" }, question: "instances" },
      {
        ...{ region: "eu-west-3", place: "gpu", accessKeyId: "AKIDGPU" },
      },
    );
    await same(
      "without a choice the profile default counts",
      { ...files, question: "instances" },
      {
        ...{ region: "us-east-1", place: "default", accessKeyId: "AKIDDEFAULT" },
      },
    );
    await same(
      "AWS_DEFAULT_REGION wins over the region of a chosen profile",
      { ...files, profile: "gpu", variables: { AWS_DEFAULT_REGION: "ap-south-1" }, question: "buckets" },
      { region: "ap-south-1", place: "gpu" },
    );
    await bothRefuse(
      "the region of the profile default is not used for another profile",
      { ...files, profile: "bare", question: "instances" },
      /You must specify a region/,
      /AWS_REGION_MISSING .*profile "bare"/,
    );
    for (const [question, place] of [
      ["buckets", "s3"],
      ["instances", "ec2"],
      ["caller", "sts"],
    ] as const) {
      await same(
        `the services section has the endpoint of ${place}`,
        { ...files, profile: "split", question },
        { place },
      );
    }
    await tally.check(
      "the role of a profile is assumed at the STS of its services section, in its region",
      async () => {
        const { sent } = await both({ ...files, profile: "role", question: "buckets" });
        assert.deepEqual(
          sent.map(({ service, place, region, accessKeyId }) => [service, place, region, accessKeyId]),
          [
            ["sts", "sts", "eu-north-1", "AKIDGPU"],
            ["s3", "s3", "eu-north-1", "ASIAROLE"],
          ],
        );
      },
    );
    await same(
      "AWS_ENDPOINT_URL wins over the profile",
      { ...files, profile: "split", variables: { AWS_ENDPOINT_URL: at("environment") }, question: "buckets" },
      { place: "environment" },
    );
    await same(
      "AWS_ENDPOINT_URL_STS wins over AWS_ENDPOINT_URL",
      {
        ...{ ...files, profile: "split", question: "caller" },
        variables: { AWS_ENDPOINT_URL: at("environment"), AWS_ENDPOINT_URL_STS: at("own") },
      },
      { place: "own" },
    );
    const inEnvironment = { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "x" };
    await same(
      "keys of the environment win over AWS_PROFILE",
      { ...files, variables: { ...inEnvironment, AWS_PROFILE: "gpu" }, question: "buckets" },
      { accessKeyId: "AKIDENV", place: "gpu" },
    );
    await same(
      "a chosen profile wins over keys of the environment",
      { ...files, variables: inEnvironment, profile: "gpu", question: "buckets" },
      { accessKeyId: "AKIDGPU" },
    );
    await bothRefuse(
      "a profile that is not there is named",
      { ...files, variables: { AWS_PROFILE: "nope" }, question: "buckets" },
      /The config profile \(nope\) could not be found/,
      /AWS_CREDENTIALS_MISSING There is no profile "nope"|AWS_REGION_MISSING .*no profile "nope"/,
    );
    await bothRefuse(
      "half of the keys is not enough",
      { ...files, variables: { AWS_ACCESS_KEY_ID: "AKIDENV" }, question: "buckets" },
      /Partial credentials/,
      /AWS_CREDENTIALS_MISSING Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    );

    await bothRefuse(
      "a services section that is not there is named",
      {
        config: `[profile gpu]\nregion = eu-west-3\nendpoint_url = ${at("gpu")}\nservices = nope\n`,
        credentials: files.credentials,
        profile: "gpu",
        question: "buckets",
      },
      /the "nope" services configuration does not exist/,
      /INPUT_INVALID The profile "gpu" refers to the section \[services nope\]/,
    );
    await bothRefuse(
      "an endpoint that is not a web address is refused",
      {
        config: "[profile gpu]\nregion = eu-west-3\nendpoint_url = store.example.com:9000\n",
        credentials: files.credentials,
        profile: "gpu",
        question: "buckets",
      },
      /Invalid endpoint/,
      /INPUT_INVALID The endpoint in endpoint_url of profile "gpu" is not a valid address/,
    );

    const script = path.join(folder, "get-keys");
    const printed = { Version: 1, AccessKeyId: "AKIDPROCESS", SecretAccessKey: "x" };
    await writeFile(
      script,
      `#!/bin/sh\nif [ "$1" = ok ]; then echo '${JSON.stringify(printed)}'; else echo sealed >&2; exit 3; fi\n`,
    );
    await chmod(script, 0o700);
    const withProcess = (argument: string): string =>
      `[profile gpu]\nregion = eu-west-3\nendpoint_url = ${at("gpu")}\ncredential_process = ${script} ${argument}\n`;
    await same(
      "a credential_process gives keys",
      { config: withProcess("ok"), profile: "gpu", question: "buckets" },
      { accessKeyId: "AKIDPROCESS" },
    );
    await bothRefuse(
      "a credential_process that fails is named with what it has printed",
      { config: withProcess("no"), profile: "gpu", question: "buckets" },
      /custom-process: .*sealed/,
      /AWS_CREDENTIALS_FAILED The credential_process of profile "gpu" .* exit code 3: sealed/,
    );

    const store = (lines: string): Settings => ({
      config: `[profile gpu]\nregion = eu-west-3\nendpoint_url = ${plain.url}\n${lines}\n`,
      credentials: keys("gpu"),
      ...{ profile: "gpu", question: "put" },
    });
    await same("the bucket is in the path at an endpoint of a profile", store(""), {
      path: "/videos/a",
      checksum: "yes",
    });
    await same("a profile's addressing style counts", store("s3 =\n  addressing_style = path"), { path: "/videos/a" });
    await same("a profile's choice of checksums counts", store("request_checksum_calculation = when_required"), {
      checksum: "no",
    });

    const proxyUrl = `http://node-red:p%40ss@127.0.0.1:${proxy.port}`;
    const through = (url: string, variables: Readonly<Record<string, string>>, lines = ""): Settings => ({
      config: `[profile gpu]\nregion = eu-west-3\nendpoint_url = ${url}\n${lines}\n`,
      credentials: keys("gpu"),
      ...{ profile: "gpu", question: "buckets", variables },
    });
    const http = `http://${HOST}:${plain.port}`;
    const https = `https://${HOST}:${secure.port}`;
    await same("HTTP_PROXY is used for http endpoints", through(http, { HTTP_PROXY: proxyUrl }), { service: "s3" });
    await same(
      "https_proxy is used for https endpoints, with the ca_bundle of the profile",
      through(https, { https_proxy: proxyUrl }, `ca_bundle = ${caFile}`),
      { service: "s3" },
    );
    await same("AWS_CA_BUNDLE is trusted", through(https, { HTTPS_PROXY: proxyUrl, AWS_CA_BUNDLE: caFile }), {
      service: "s3",
    });
    await bothRefuse(
      "an unknown authority is not trusted",
      through(https, { HTTPS_PROXY: proxyUrl }),
      /SSL validation failed/,
      new RegExp(`AWS_UNREACHABLE .*certificate of ${HOST}.* is from an authority that is not trusted`),
    );
    await bothRefuse(
      "a wrong password of the proxy is told",
      through(https, { HTTPS_PROXY: proxyUrl.replace("p%40ss", "wrong") }, `ca_bundle = ${caFile}`),
      /407|proxy/i,
      /AWS_UNREACHABLE .*does not accept the user name and password .*HTTP 407/,
    );
    for (const entry of ["example.com", ".example.com", HOST]) {
      await bothRefuse(
        `NO_PROXY=${entry} has ${HOST} reached directly, where nothing knows its name`,
        through(http, { HTTP_PROXY: proxyUrl, NO_PROXY: entry }),
        /Could not connect to the endpoint URL/,
        /AWS_UNREACHABLE .*no response from aws\.example\.com/,
      );
    }
    await same("NO_PROXY excepts no other domain", through(http, { HTTP_PROXY: proxyUrl, NO_PROXY: "ample.com" }), {
      service: "s3",
    });
  } finally {
    await Promise.all([plain.close(), secure.close(), proxy.close(true)]);
  }
}

function summary({ service, place, region, accessKeyId, path: asked, headers }: RecordedRequest): Sent {
  const isChecked = Object.keys(headers).some((name) => /^x-amz-(?:checksum|trailer)/.test(name));
  return { service, place, region, accessKeyId, path: asked.replace(/\/$/, ""), checksum: isChecked ? "yes" : "no" };
}

function toThisMachine(_host: string, options: { all?: boolean }, found: (...args: unknown[]) => void): void {
  if (options.all) {
    found(null, [{ address: "127.0.0.1", family: 4 }]);
  } else {
    found(null, "127.0.0.1", 4);
  }
}
