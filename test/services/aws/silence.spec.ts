import { equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { type PipelineError, toPipelineError } from "../../../src/errors/pipeline-error.ts";
import { formatDuration } from "../../../src/polling/format-duration.ts";
import { type AwsClientSettings, AwsClients } from "../../../src/services/aws/clients/aws-clients.ts";
import { describeInstances } from "../../../src/services/ec2/describe-instances.ts";
import { startInstances } from "../../../src/services/ec2/start-instances.ts";
import { stopInstances } from "../../../src/services/ec2/stop-instances.ts";
import { listBuckets } from "../../../src/services/s3/listing/list-buckets.ts";
import { uploadObject } from "../../../src/services/s3/upload/upload-object.ts";
import { followCommand } from "../../../src/services/ssm/follow-command.ts";
import { sendScript } from "../../../src/services/ssm/send-script.ts";
import { until } from "../../nodes/support/until.ts";
import { useOwnEnvironment } from "../../support/environment.ts";
import { HANG_MS } from "../../support/limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { untilPassed } from "../../support/until-passed.ts";
import { type SilentServer, serveSilence } from "./silent-server.ts";
import { ec2Instances, serveEc2 } from "./wire.ts";

const ID = "i-0123456789abcdef0";
/** A start allows at least a second for its first check. */
const limitOf = (step: string): number => (step.startsWith("ec2 start") ? 1000 : 300);
/** A tolerance for a busy machine. Without a limit each of these takes at least 30 s. */
const TOLERANCE_MS = 20_000;
const KEYS = { kind: "keys", accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI-EXAMPLE" } as const;
const ROLE = { arn: "arn:aws:iam::123456789012:role/pipeline" };
const REGION = "eu-central-1";

describe("a time limit, when there is no response,", () => {
  let home: string;
  let silent: SilentServer;
  let clients: AwsClients | undefined;

  useOwnEnvironment(/^AWS_/);
  beforeEach(async () => {
    home = temporaryFolder();
    silent = await serveSilence();
    process.env.AWS_EC2_METADATA_DISABLED = "true";
    process.env.AWS_CONFIG_FILE = join(home, "config");
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(home, "credentials");
    await writeFile(join(home, "credentials"), "");
    await writeFile(join(home, "config"), "");
  });
  afterEach(async () => {
    await clients?.destroy();
    await silent.close();
    for (const pid of (await pids()).filter(runs)) {
      process.kill(pid, "SIGKILL");
    }
  });

  const clientsOf = (settings: AwsClientSettings): AwsClients => {
    clients = new AwsClients(settings);
    return clients;
  };

  /** A profile whose `credential_process` writes its process id, and then sleeps, like one that asks for a password. */
  async function hangingProcess(): Promise<AwsClientSettings["credentials"]["source"]> {
    const script = join(home, "ask-for-password.sh");
    await writeFile(script, `#!/bin/sh\necho $$ >> ${join(home, "pids")}\nexec sleep 60\n`);
    await chmod(script, 0o700);
    await writeFile(join(home, "config"), `[profile gpu]\ncredential_process = ${script}\n`);
    return { kind: "profile", profile: "gpu" };
  }

  const pids = async (): Promise<number[]> => {
    const text = await readFile(join(home, "pids"), "utf8").catch(() => "");
    return text.split("\n").filter(Boolean).map(Number);
  };

  /** Whether a process is running. An ended one may be a zombie for a while. */
  const runs = (pid: number): boolean => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
      return false;
    }
  };

  async function failure(work: Promise<unknown>): Promise<{ error: PipelineError; tookMs: number }> {
    const startedAt = performance.now();
    const error = await work.then(
      () => new Error("It has succeeded."),
      (thrown: unknown) => thrown,
    );
    return { error: toPipelineError(error), tookMs: performance.now() - startedAt };
  }

  type Steps = Record<string, (lent: AwsClients, timeoutMs: number, signal: AbortSignal) => Promise<unknown>>;

  const STEPS: Steps = {
    "ec2 start": async (lent, timeoutMs, signal) =>
      startInstances({
        ...{ ec2: await lent.ec2(), ssm: await lent.ssm(), select: { ids: [ID] } },
        ...{ timeoutMs, capacityTimeoutMs: 0, pollMs: 20, signal },
      }),
    "ec2 start by tags": async (lent, timeoutMs, signal) =>
      startInstances({
        ...{ ec2: await lent.ec2(), select: { tags: { use: "lightly" } } },
        ...{ timeoutMs, capacityTimeoutMs: 0, pollMs: 20, signal },
      }),
    "ec2 stop": async (lent, timeoutMs, signal) =>
      stopInstances({
        ...{ ec2: await lent.ec2(), select: { ids: [ID] }, wait: true, timeoutMs, pollMs: 20, signal },
      }),
    "the wait for a command": async (lent, timeoutMs, signal) =>
      followCommand({
        ...{ ssm: await lent.ssm(), commandId: "11111111-2222-3333-4444-555555555555", instanceId: ID },
        ...{ until: "ended", timeoutMs, pollMs: 20, signal },
      }),
  };

  const SOURCES: Record<string, () => Promise<AwsClientSettings>> = {
    "the service": async () => ({ region: REGION, endpoint: silent.endpoint, credentials: { source: KEYS } }),
    "STS, asked for a role": async () => ({
      ...{ region: REGION, endpoint: silent.endpoint },
      credentials: { source: KEYS, role: ROLE },
    }),
    "a credential_process": async () => ({
      ...{ region: REGION, endpoint: silent.endpoint },
      credentials: { source: await hangingProcess() },
    }),
  };

  for (const [source, settings] of Object.entries(SOURCES)) {
    for (const [step, run] of Object.entries(STEPS)) {
      const limitMs = limitOf(step);
      it(`ends ${step} while ${source} is silent, and its message contains the duration`, async () => {
        const lent = clientsOf(await settings());
        await Promise.all([lent.ec2(), lent.ssm()]);
        const { error, tookMs } = await failure(run(lent, limitMs, new AbortController().signal));
        equal(error.code, "TIMED_OUT", error.message);
        ok(tookMs >= limitMs - 2 && tookMs < limitMs + TOLERANCE_MS, `took ${tookMs} ms`);
        const elapsedMs = Number(error.details.elapsedMs);
        ok(elapsedMs >= limitMs - 2 && elapsedMs <= tookMs + 2, `"${error.message}" after ${tookMs} ms`);
        ok(error.message.startsWith(`Waited ${formatDuration(elapsedMs)} for `), error.message);
        match(error.message, /got no response within \d+ m?s\.$/);
      });
    }

    it(`is not needed for an abort, which ends every request immediately while ${source} is silent`, async () => {
      const lent = clientsOf(await settings());
      const [ec2, ssm, s3] = await Promise.all([lent.ec2(), lent.ssm(), lent.s3()]);
      const abort = new AbortController();
      const { signal } = abort;
      const video = { buffer: Buffer.from("frames"), name: "a.mp4" };
      const requests = [
        failure(describeInstances(ec2, [ID], signal)),
        failure(listBuckets(s3, signal)),
        failure(uploadObject({ s3, bucket: "videos", key: "a.mp4", ifExists: "refuse", source: video, signal })),
        ...Object.values(STEPS).map((run) => failure(run(lent, 3_600_000, signal))),
      ];
      if (source !== "the service") {
        // A command in flight is waited for, because its id would be lost.
        const command = { script: "/home/ubuntu/a.sh", args: [], environment: {}, comment: "" };
        const limits = { executionTimeoutSeconds: 60, deliveryTimeoutSeconds: 60 };
        requests.push(failure(sendScript({ ssm, instanceIds: [ID], ...command, ...limits, signal })));
      }
      setTimeout(() => abort.abort("another step failed"), 200);
      for (const { error, tookMs } of await Promise.all(requests)) {
        equal(error.code, "ABORTED", error.message);
        match(error.message, /another step failed/);
        ok(tookMs < 200 + TOLERANCE_MS, `took ${tookMs} ms`);
      }
    });
  }

  describe("of credentials", () => {
    const CREDENTIALS_LIMIT_MS = 250;

    /** The limit may end before the SDK has loaded the client of the service, and sends its request. */
    const untilReceived = (request: RegExp): Promise<void> => untilPassed(() => match(silent.received, request));

    async function unanswered(settings: AwsClientSettings): Promise<PipelineError> {
      const lent = clientsOf({ ...settings, credentialsLimitMs: CREDENTIALS_LIMIT_MS });
      const ec2 = await lent.ec2();
      const { error, tookMs } = await failure(describeInstances(ec2, [ID], new AbortController().signal));
      equal(error.code, "AWS_CREDENTIALS_TIMED_OUT", error.message);
      equal(error.retryable, true);
      ok(tookMs < CREDENTIALS_LIMIT_MS + TOLERANCE_MS, `took ${tookMs} ms`);
      return error;
    }

    it("names STS and the role", async () => {
      const place = { region: REGION, endpoint: silent.endpoint };
      const { message } = await unanswered({ ...place, credentials: { source: KEYS, role: ROLE } });
      const host = silent.endpoint.replace("http://", "");
      const said = `STS at ${host}, from which role ${ROLE.arn} was requested, did not return credentials within`;
      ok(message.includes(said), message);
      await untilReceived(/Action=AssumeRole/);
    });

    it("names the profile whose process hangs, and ends the process", async () => {
      const source = await hangingProcess();
      const { message } = await unanswered({ region: REGION, endpoint: silent.endpoint, credentials: { source } });
      match(message, /credential_process of profile gpu did not end within \d+ ms and was stopped\. Run it yourself/);
      const [pid = 0] = await pids();
      ok(pid > 0);
      await until(() => !runs(pid));
    });

    it("applies to a profile that assumes a role", async () => {
      const keys = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wJalrXUtnFEMI\n";
      const role = `[profile gpu]\nrole_arn = ${ROLE.arn}\nsource_profile = base\nregion = ${REGION}\n`;
      await writeFile(join(home, "config"), `[profile base]\n${keys}${role}`);
      process.env.AWS_ENDPOINT_URL_STS = silent.endpoint;
      const source = { kind: "profile", profile: "gpu" } as const;
      const { message } = await unanswered({ region: REGION, credentials: { source } });
      match(message, /Profile gpu did not return credentials within/);
      await untilReceived(/Action=AssumeRole/);
    });

    it("applies to single sign-on", async () => {
      process.env.HOME = home;
      const cache = join(home, ".aws", "sso", "cache");
      await mkdir(cache, { recursive: true });
      const file = createHash("sha1").update("https://example.awsapps.com/start").digest("hex");
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      await writeFile(join(cache, `${file}.json`), JSON.stringify({ accessToken: "t", expiresAt }));
      const lines = ["sso_start_url = https://example.awsapps.com/start", `sso_region = ${REGION}`];
      lines.push("sso_account_id = 123456789012", "sso_role_name = gpu");
      await writeFile(join(home, "config"), `[profile gpu]\n${lines.join("\n")}\n`);
      process.env.AWS_ENDPOINT_URL_SSO = silent.endpoint;
      await unanswered({ region: REGION, credentials: { source: { kind: "profile", profile: "gpu" } } });
      await untilReceived(/GET \/federation\/credentials/);
    });

    it("applies to a web identity of the SDK's chain", async () => {
      await writeFile(join(home, "token"), "a.b.c");
      process.env.AWS_WEB_IDENTITY_TOKEN_FILE = join(home, "token");
      process.env.AWS_ROLE_ARN = ROLE.arn;
      process.env.AWS_ENDPOINT_URL_STS = silent.endpoint;
      const { message } = await unanswered({ region: REGION, credentials: { source: { kind: "chain" } } });
      match(message, /The default provider chain .* did not return credentials within/);
      await untilReceived(/Action=AssumeRoleWithWebIdentity/);
    });

    it("applies to a process of the profile in AWS_PROFILE", async () => {
      await hangingProcess();
      process.env.AWS_PROFILE = "gpu";
      const { message } = await unanswered({ region: REGION, credentials: { source: { kind: "chain" } } });
      match(message, /credential_process of profile gpu did not end/);
    });

    it("applies to the metadata service of a container", async () => {
      process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${silent.endpoint}/credentials`;
      await unanswered({ region: REGION, credentials: { source: { kind: "chain" } } });
    });

    it("does not end a wait, which continues and uses the source again", async () => {
      const wire = await serveEc2();
      try {
        wire.answer = () => ec2Instances([{ id: ID, state: "stopped" }]);
        const script = join(home, "slow-at-first.sh");
        const flag = join(home, "asked-before");
        const answer = { Version: 1, AccessKeyId: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI" };
        const lines = [`if [ ! -e ${flag} ]; then touch ${flag}; echo $$ >> ${join(home, "pids")}; exec sleep 60; fi`];
        lines.push(`echo '${JSON.stringify(answer)}'`);
        await writeFile(script, `#!/bin/sh\n${lines.join("\n")}\n`);
        await chmod(script, 0o700);
        await writeFile(join(home, "config"), `[profile gpu]\ncredential_process = ${script}\n`);
        for (const source of [{ kind: "profile", profile: "gpu" }, { kind: "chain" }] as const) {
          await rm(flag, { force: true });
          process.env.AWS_PROFILE = "gpu";
          const place = { region: REGION, endpoint: wire.endpoint };
          const lent = clientsOf({ ...place, credentials: { source }, credentialsLimitMs: 1000 });
          const { signal } = new AbortController();
          const wait = { wait: true, timeoutMs: HANG_MS, pollMs: 20, signal };
          const { instances } = await stopInstances({ ec2: await lent.ec2(), select: { ids: [ID] }, ...wait });
          equal(instances.length, 1);
          await lent.destroy();
        }
      } finally {
        wire.ec2.destroy();
        await wire.close();
      }
    });

    it("does not affect a request that gets a response", async () => {
      const wire = await serveEc2();
      try {
        wire.answer = () => ec2Instances([{ id: ID, state: "stopped" }]);
        const ec2 = await clientsOf({ region: REGION, endpoint: wire.endpoint, credentials: { source: KEYS } }).ec2();
        const answer = await ec2.send(new DescribeInstancesCommand({}), { abortSignal: new AbortController().signal });
        equal(answer.Reservations?.length, 1);
      } finally {
        wire.ec2.destroy();
        await wire.close();
      }
    });
  });
});
