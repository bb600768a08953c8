import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import type { PipelineError } from "../../../../src/errors/pipeline-error.ts";
import { AwsClients } from "../../../../src/services/aws/clients/aws-clients.ts";
import type { AwsCredentialSettings } from "../../../../src/services/aws/credentials/credential-provider.ts";
import { listBuckets } from "../../../../src/services/s3/listing/list-buckets.ts";
import { type HttpServer, serveHttp } from "../../../support/http-server.ts";
import { useAwsHome } from "../aws-home.ts";
import { type RecordingServer, serveRecorder } from "../recording-server.ts";

const ROLE = { arn: "arn:aws:iam::123456789012:role/pipeline" };
const KEYS = { kind: "keys", accessKeyId: "AKIDFORM", secretAccessKey: "secret" } as const;
const CHAIN = { kind: "chain" } as const;
const GPU = { kind: "profile", profile: "gpu" } as const;
const { signal } = new AbortController();

describe("a source of credentials that fails", () => {
  const home = useAwsHome();
  let server: RecordingServer;
  let clients: AwsClients | undefined;

  before(async () => {
    server = await serveRecorder();
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.answer = undefined;
  });
  afterEach(() => clients?.destroy());
  after(() => server.close());

  const s3 = (credentials: AwsCredentialSettings) => {
    clients = new AwsClients({ region: "eu-west-3", s3Endpoint: server.url, credentials });
    return clients.s3();
  };

  async function failure(credentials: AwsCredentialSettings): Promise<PipelineError> {
    const client = await s3(credentials);
    return await listBuckets(client, signal).then(
      () => Promise.reject(new Error("It should have failed.")),
      (error: PipelineError) => error,
    );
  }

  async function accessKeyIdOf(credentials: AwsCredentialSettings): Promise<string | undefined> {
    await (await s3(credentials)).send(new ListBucketsCommand({}));
    return server.requests.at(-1)?.accessKeyId;
  }

  function script(...lines: readonly string[]): string {
    const file = join(home.folder, "get-keys");
    writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
    chmodSync(file, 0o700);
    return file;
  }

  describe("credential_process", () => {
    const profileWith = (process: string): void =>
      home.write({ config: `[profile gpu]\ncredential_process = ${process}\n` });

    for (const [how, credentials, variables] of [
      ["of the chosen profile", { source: GPU }, {}],
      ["of the profile in AWS_PROFILE", { source: CHAIN }, { AWS_PROFILE: "gpu" }],
      ["below a role of the account", { source: GPU, role: ROLE }, {}],
    ] as const) {
      it(`${how} is named with its program, exit code and error output`, async () => {
        const file = script("echo 'vault is sealed, ask ops' >&2", "exit 3");
        profileWith(`${file} --pin 4711`);
        home.set(variables);
        const { code, message, details } = await failure(credentials);
        equal(code, "AWS_CREDENTIALS_FAILED");
        equal(
          message,
          `The credential_process of profile "gpu" (${file}) ended with exit code 3: vault is sealed, ask ops. Run it yourself, as the user of Node-RED.`,
        );
        deepEqual(details, { source: "profile", profile: "gpu" });
      });
    }

    it("of a source_profile is named with that profile", async () => {
      const file = script("exit 1");
      home.write({
        config: `[profile gpu]\nrole_arn = ${ROLE.arn}\nsource_profile = base\n[profile base]\ncredential_process = ${file}\n`,
      });
      match(
        (await failure({ source: GPU })).message,
        /profile "base" \(.*get-keys\) ended with exit code 1 and no message/,
      );
    });

    it("with spaces in its path is named with the whole path", async () => {
      const folder = join(home.folder, "my tools");
      mkdirSync(folder);
      const file = join(folder, "get-keys");
      writeFileSync(file, "#!/bin/sh\nexit 1\n");
      chmodSync(file, 0o700);
      profileWith(`"${file}" --pin 4711`);
      match((await failure({ source: GPU })).message, /profile "gpu" \(\/.*\/my tools\/get-keys\) ended with/);
    });

    it("that was killed is named with the signal", async () => {
      profileWith(script("kill -KILL $$"));
      match((await failure({ source: GPU })).message, /ended with (?:signal SIGKILL|exit code 137)/);
    });

    it("that does not exist is reported with the shell's message", async () => {
      profileWith("/nowhere/get-keys");
      match((await failure({ source: GPU })).message, /\(\/nowhere\/get-keys\) ended with exit code 127: .*not found/);
    });

    for (const [what, output, code, expected] of [
      ["no JSON", "hello", "AWS_CREDENTIALS_FAILED", /returned invalid JSON/],
      ["null", "null", "AWS_CREDENTIALS_FAILED", /Run it yourself, as the user of Node-RED, to see what it prints/],
      ["another version", '{"Version":2}', "AWS_CREDENTIALS_FAILED", /did not return Version 1/],
      ["no keys", '{"Version":1}', "AWS_CREDENTIALS_FAILED", /returned invalid credentials/],
      [
        "keys that have expired",
        '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"2020-01-01T00:00:00Z"}',
        "AWS_CREDENTIALS_EXPIRED",
        /returned expired credentials/,
      ],
    ] as const) {
      it(`that prints ${what} is reported`, async () => {
        profileWith(script(`echo '${output}'`));
        const error = await failure({ source: GPU });
        equal(error.code, code);
        match(error.message, /^The credential_process of profile "gpu" \(.*get-keys\) /);
        match(error.message, expected);
      });
    }

    it("has no secret of its output or its arguments in an error", async () => {
      const file = script(
        'echo \'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI {"SecretAccessKey": "wJalrXUtnFEMI"} aws_secret_access_key = wJalrXUtnFEMI\' >&2',
        "exit 1",
      );
      profileWith(`${file} --password hunter2`);
      const error = await failure({ source: GPU });
      const said = JSON.stringify([error.message, error.stack, error.details, String(error.cause)]);
      ok(!said.includes("wJalrXUtnFEMI") && !said.includes("hunter2"), said);
    });
  });

  describe("profile", () => {
    it("that does not exist is named with the files and the existing profiles", async () => {
      home.write({ config: "[profile train]\nregion = eu-west-3\n[sso-session corp]\nsso_region = x\n" });
      for (const credentials of [{ source: GPU }, { source: CHAIN }] as const) {
        home.set({ AWS_PROFILE: "gpu" });
        const { code, message } = await failure(credentials);
        equal(code, "AWS_CREDENTIALS_MISSING");
        match(
          message,
          /^There is no profile "gpu" in .*\/config or .*\/credentials \(sections \[profile gpu\] and \[gpu\]\)\. Profiles there: train\. /,
        );
      }
    });

    it("without credentials is reported, also as source_profile", async () => {
      home.write({ config: `[profile gpu]\nregion = eu-west-3\n` });
      match((await failure({ source: GPU })).message, /^The profile "gpu" in .* has no credentials: neither keys/);
      home.write({
        config: `[profile gpu]\nrole_arn = ${ROLE.arn}\nsource_profile = base\n[profile base]\nregion = x\n`,
      });
      match((await failure({ source: GPU })).message, /has no credentials \(source_profile "base"\)/);
    });

    for (const [what, settings, missing] of [
      ["only half of the keys", "aws_access_key_id = AKIDGPU\n", "aws_secret_access_key is missing"],
      [
        "a source_profile that does not exist",
        `role_arn = ${ROLE.arn}\nsource_profile = nope\n`,
        'there is no profile "nope"',
      ],
      [
        "two sources",
        `role_arn = ${ROLE.arn}\nsource_profile = base\ncredential_source = Environment\n[profile base]\naws_access_key_id = A\naws_secret_access_key = s\n`,
        "it has both source_profile and credential_source",
      ],
    ] as const) {
      it(`with ${what} names what to correct`, async () => {
        home.write({ config: `[profile gpu]\n${settings}` });
        const { code, message } = await failure({ source: GPU });
        equal(code, "AWS_CREDENTIALS_MISSING");
        ok(message.includes(`: ${missing}`), message);
      });
    }

    it("with multi-factor authentication reports that Node-RED can't enter a code", async () => {
      home.write({
        config: `[profile gpu]\nrole_arn = ${ROLE.arn}\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/x\n`,
        credentials: "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = x\n",
      });
      const { code, message } = await failure({ source: GPU });
      equal(code, "AWS_CREDENTIALS_FAILED");
      match(message, /"gpu" asks for the code of a multi-factor device \(mfa_serial\)/);
    });

    it("that refers to itself is reported", async () => {
      home.write({
        config: `[profile gpu]\nrole_arn = ${ROLE.arn}\nsource_profile = two\n[profile two]\nrole_arn = ${ROLE.arn}\nsource_profile = gpu\n`,
      });
      const { code, message } = await failure({ source: GPU });
      equal(code, "AWS_CREDENTIALS_FAILED");
      match(message, /"gpu" gave no credentials: Detected a cycle/);
    });

    it("with a missing token file names the setting", async () => {
      home.write({ config: `[profile gpu]\nrole_arn = ${ROLE.arn}\nweb_identity_token_file = /nowhere/token\n` });
      const { code, message } = await failure({ source: GPU });
      equal(code, "AWS_CREDENTIALS_FAILED");
      match(message, /\(ENOENT\).*web_identity_token_file of profile "gpu"/);
    });
  });

  describe("single sign-on", () => {
    const START = "https://example.awsapps.com/start";
    const SSO = `sso_account_id = 123456789012\nsso_role_name = gpu\n`;
    const legacy = `[profile gpu]\nsso_start_url = ${START}\nsso_region = eu-central-1\n${SSO}`;

    function signIn(name: string, expiresAt: number): void {
      const cache = join(home.folder, ".aws", "sso", "cache");
      mkdirSync(cache, { recursive: true });
      const file = join(cache, `${createHash("sha1").update(name).digest("hex")}.json`);
      writeFileSync(file, JSON.stringify({ accessToken: "t", expiresAt: new Date(expiresAt).toISOString() }));
    }

    for (const [what, prepare] of [
      ["was never started", () => home.write({ config: legacy })],
      [
        "has expired",
        () => {
          home.write({ config: legacy });
          signIn(START, Date.now() - 1000);
        },
      ],
      [
        "of an sso-session was never started",
        () =>
          home.write({
            config: `[profile gpu]\nsso_session = corp\n${SSO}[sso-session corp]\nsso_start_url = ${START}\nsso_region = eu-central-1\n`,
          }),
      ],
    ] as const) {
      it(`that ${what} reports the profile for the sign-in`, async () => {
        prepare();
        const { code, message } = await failure({ source: GPU });
        equal(code, "AWS_CREDENTIALS_EXPIRED");
        match(message, /Run `aws sso login --profile gpu` as the user of Node-RED/);
      });
    }

    it("is used at AWS_ENDPOINT_URL_SSO, and its refusal is reported as an expired session", async () => {
      home.write({ config: legacy });
      signIn(START, Date.now() + 3_600_000);
      home.set({ AWS_ENDPOINT_URL_SSO: `${server.url}/sso` });
      server.answer = ({ place }, response) => {
        response.writeHead(401, { "x-amzn-errortype": "UnauthorizedException" });
        response.end(JSON.stringify({ message: `Session token not found at ${place}` }));
      };
      const { code, message } = await failure({ source: GPU });
      equal(code, "AWS_CREDENTIALS_EXPIRED", message);
      deepEqual(
        server.requests.map(({ place }) => place),
        ["sso"],
      );
    });

    it("that refers to an sso-session that does not exist names its section", async () => {
      home.write({ config: `[profile gpu]\nsso_session = corp\n${SSO}` });
      const { code, message } = await failure({ source: GPU });
      equal(code, "AWS_CREDENTIALS_FAILED");
      match(message, /"gpu" refers to the section \[sso-session corp\], which is not in .*config/);
    });

    it("that can't be reached is reported", async () => {
      home.write({ config: legacy });
      signIn(START, Date.now() + 3_600_000);
      home.set({ AWS_ENDPOINT_URL_SSO: "http://127.0.0.1:1" });
      const { code, message, retryable } = await failure({ source: GPU });
      deepEqual([code, retryable], ["AWS_UNREACHABLE", true]);
      match(message, /Single sign-on of profile "gpu" in eu-central-1 was not reached: .*ECONNREFUSED/);
    });
  });

  describe("STS", () => {
    const role = { source: KEYS, role: ROLE } as const;

    it("is named with its host and the role, not the request that needed the credentials", async () => {
      home.set({ AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1" });
      const { code, message, retryable } = await failure(role);
      deepEqual([code, retryable], ["AWS_UNREACHABLE", true]);
      equal(
        message.startsWith(`STS AssumeRole, role ${ROLE.arn} at 127.0.0.1:1: no response`) &&
          message.includes("ECONNREFUSED"),
        true,
        message,
      );
    });

    it("is named with its host for the role of a profile, too", async () => {
      home.write({
        config: `[profile gpu]\nrole_arn = ${ROLE.arn}\nsource_profile = base\n`,
        credentials: "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = x\n",
      });
      home.set({ AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1" });
      match((await failure({ source: GPU })).message, /^STS AssumeRole, role .* at 127\.0\.0\.1:1: no response/);
    });

    it("is named with its host for a web identity, too", async () => {
      const file = join(home.folder, "token");
      writeFileSync(file, "a.b.c");
      home.set({ AWS_ROLE_ARN: ROLE.arn, AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ENDPOINT_URL_STS: server.url });
      server.answer = (_request, response) => {
        response.writeHead(400);
        response.end(
          "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>No OpenIDConnect provider found</Message></Error></ErrorResponse>",
        );
      };
      const { message } = await failure({ source: CHAIN });
      match(message, /^STS AssumeRoleWithWebIdentity, role .* at 127\.0\.0\.1:\d+: .*No OpenIDConnect provider found/);
    });

    it("that refuses the role reports what to check", async () => {
      home.set({ AWS_ENDPOINT_URL_STS: server.url });
      server.answer = (_request, response) => {
        response.writeHead(403);
        response.end("<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");
      };
      const { code, message } = await failure(role);
      equal(code, "AWS_CREDENTIALS_INVALID");
      match(message, /trust policy.*external id/);
    });

    for (const [code, text, said] of [
      [
        "RegionDisabledException",
        "STS is not activated in this region for account:123456789012.",
        /STS is not activated in this region.*Activate the region, or set another one/,
      ],
      [
        "AccessDenied",
        `User: arn:aws:iam::123456789012:user/x is not authorized to perform: sts:AssumeRole on resource: ${ROLE.arn} with an explicit deny in a service control policy`,
        /An explicit deny overrides every allow: change the service control policies/,
      ],
    ] as const) {
      it(`that refuses the role with ${code} is quoted, with the advice that fits`, async () => {
        home.set({ AWS_ENDPOINT_URL_STS: server.url });
        server.answer = (_request, response) => {
          response.writeHead(403);
          response.end(`<ErrorResponse><Error><Code>${code}</Code><Message>${text}</Message></Error></ErrorResponse>`);
        };
        const { message } = await failure(role);
        match(message, said);
        ok(!message.includes("trust policy"), message);
      });
    }

    it("that is an S3-compatible store reports where its address belongs", async () => {
      clients = new AwsClients({ region: "eu-west-3", endpoint: server.url, credentials: role });
      server.answer = (_request, response) => {
        response.writeHead(405);
        response.end("<Error><Code>MethodNotAllowed</Code><Message>not allowed</Message></Error>");
      };
      await rejects(listBuckets(await clients.s3(), signal), {
        code: "AWS_REQUEST_REFUSED",
        message: /^STS AssumeRole, .* HTTP 405, so it is not STS\. .* enter its address as the S3 endpoint/,
      });
    });
  });

  describe("the default provider chain", () => {
    const CREDENTIALS = "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = x\n";

    it("uses keys of the environment before AWS_PROFILE, as the AWS CLI does", async () => {
      home.write({ credentials: CREDENTIALS });
      home.set({ AWS_PROFILE: "default", AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "x" });
      equal(await accessKeyIdOf({ source: CHAIN }), "AKIDENV");
    });

    it("does not use keys of the environment for a chosen profile, as the AWS CLI does", async () => {
      home.write({ credentials: CREDENTIALS });
      home.set({ AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "x" });
      equal(await accessKeyIdOf({ source: { kind: "profile", profile: "default" } }), "AKIDDEFAULT");
    });

    it("reports an incomplete pair of keys", async () => {
      home.set({ AWS_ACCESS_KEY_ID: "AKIDENV" });
      match(
        (await failure({ source: CHAIN })).message,
        /^Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set/,
      );
    });

    it("reports that the endpoint of a container returns no credentials", async () => {
      home.set({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/role` });
      server.answer = (_request, response) => response.writeHead(403).end("{}");
      const { code, message } = await failure({ source: CHAIN });
      equal(code, "AWS_CREDENTIALS_MISSING");
      match(message, /^The credentials endpoint of the container .*status: 403/);
    });
  });

  describe("the metadata service", () => {
    let metadata: HttpServer;
    let answer: Parameters<typeof serveHttp>[0];

    before(async () => {
      metadata = await serveHttp((request, response) => answer(request, response));
    });
    beforeEach(() => home.set({ AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url }));
    after(() => metadata.close());

    it("that is too many hops away for a token reports how to raise the hop limit", async () => {
      // With a hop limit of 1, the response to PUT does not reach a container; a request without a token is refused.
      answer = ({ method }, response) => (method === "PUT" ? undefined : response.writeHead(401).end());
      const { code, message } = await failure({ source: CHAIN });
      equal(code, "AWS_CREDENTIALS_MISSING");
      match(message, /metadata service .* HTTP 401, because no token had arrived\. .*--http-put-response-hop-limit 2/);
    });

    it("that does not respond reports how to raise the hop limit", async () => {
      answer = () => undefined;
      const { message } = await failure({ source: CHAIN });
      match(message, /none in the environment, none in the profile "default" of .*, and the metadata service/);
      match(message, /did not respond to the request for a token\. In a container on EC2, .*hop-limit 2/);
    });

    it("without a role is reported", async () => {
      answer = ({ method }, response) =>
        method === "PUT" ? response.end("token") : response.writeHead(404).end("not found");
      match((await failure({ source: CHAIN })).message, /the EC2 instance of Node-RED has no role/);
    });

    it("that does not exist is reported", async () => {
      home.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" });
      match((await failure({ source: CHAIN })).message, /there is no metadata service \(ECONNREFUSED\)/);
    });
  });
});
