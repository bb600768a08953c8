import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createAwsServer } from "../../src/aws/server.ts";
import { createFaults, type Faults } from "../../src/faults/faults.ts";
import { createLightlyApi } from "../../src/lightly/create-lightly-api.ts";
import { listen, stopServer } from "../../src/loopback-server.ts";
import { createS3Service } from "../../src/s3/s3-service.ts";

const MAIN = fileURLToPath(new URL("../../src/worker/main.ts", import.meta.url));
const REGION = "eu-central-1";
const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secret-of-the-test" };
export const TOKEN = "token-of-the-test";

export interface RunData {
  readonly id: string;
  readonly state: string;
  readonly message?: string;
  readonly artifacts: ReadonlyArray<{ readonly id: string; readonly type: string; readonly fileName: string }>;
}

/** A worker process. */
export interface StartedWorker {
  readonly child: ChildProcess;
  /** Everything it wrote. */
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
}

/** The services of a worker: the sandbox's S3 and its Lightly API, without instances. */
export interface Cloud {
  readonly faults: Faults;
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  upload(key: string, file: string | Buffer): Promise<void>;
  read(key: string): Promise<Buffer>;
  keys(): Promise<string[]>;
  createDataset(name: string, type?: "Videos" | "Images"): Promise<string>;
  /** Schedules a run; returns the scheduled run's id. */
  schedule(datasetId: string, selection: object, docker?: object): Promise<string>;
  startWorker(environment?: Record<string, string>, args?: readonly string[]): StartedWorker;
  /** The run of a scheduled run, when it has reached a state. */
  runOf(scheduledId: string, until?: (run: RunData) => boolean): Promise<RunData>;
  logOf(runId: string): Promise<Array<{ state: string; level: string; msg: string }>>;
  close(): Promise<void>;
}

export const TEN_PERCENT = {
  proportionSamples: 0.1,
  strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
};
/** `in/` and `out/` of one bucket. */
const BUCKET = "worker-test";

export async function startCloud(): Promise<Cloud> {
  const dir = temporaryFolder();
  const faults = createFaults();
  const endpoints = { aws: "", lightly: "" };
  const s3 = await createS3Service({ dir: join(dir, "s3"), region: REGION });
  await s3.storage.createBucket(BUCKET);
  const aws = createAwsServer({ credentials: CREDENTIALS, services: [s3], faults });
  endpoints.aws = await listen(aws, 0, "aws");
  const lightly = createLightlyApi({
    dir: join(dir, "lightly"),
    token: TOKEN,
    publicUrl: () => endpoints.lightly,
    aws: { endpoint: () => endpoints.aws, credentials: CREDENTIALS, region: REGION },
    storage: s3.storage,
    faults,
  });
  endpoints.lightly = await listen(lightly.server, 0, "lightly");
  const workers: StartedWorker[] = [];

  const cloud: Cloud = {
    faults,
    async api<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(`${endpoints.lightly}${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    upload: async (key, file) =>
      s3.storage.write(BUCKET, `in/${key}`, Buffer.isBuffer(file) ? file : await readFile(file)),
    read: async (key) => buffer(await s3.storage.read(BUCKET, key)),
    keys: async () => (await s3.storage.list(BUCKET, "")).map(({ key }) => key),
    async createDataset(name, type = "Videos") {
      const { id } = await cloud.api<{ id: string }>("POST", "/v1/datasets", { name, type });
      for (const [purpose, prefix] of [
        ["INPUT", "in"],
        ["LIGHTLY", "out"],
      ]) {
        await cloud.api("PUT", `/v1/datasets/${id}/datasource`, {
          ...{ purpose, type: "S3DelegatedAccess", fullPath: `s3://${BUCKET}/${prefix}/`, s3Region: REGION },
          ...{ s3ARN: "arn:aws:iam::123456789012:role/lightly-access", s3ExternalId: "sandbox-external-id" },
          thumbSuffix: ".lightly/thumbnails/[filename]_thumb.[extension]",
        });
      }
      return id;
    },
    async schedule(datasetId, selection, docker = { shutdownWhenJobFinished: true, useDatapool: true }) {
      const body = { version: "V4", config: { workerType: "FULL", docker, selection }, creator: "USER_PIP" };
      const config = await cloud.api<{ id: string }>("POST", "/v1/docker/worker/config/vX", body);
      const request = { configId: config.id, priority: "MID", runsOn: [] };
      return (await cloud.api<{ id: string }>("POST", `/v1/datasets/${datasetId}/docker/worker/schedule`, request)).id;
    },
    startWorker(environment = {}, args = []) {
      const child = spawn(process.execPath, [MAIN, ...args], {
        env: {
          PATH: process.env.PATH,
          NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
          ...{ LIGHTLY_TOKEN: TOKEN, LIGHTLY_SERVER_LOCATION: endpoints.lightly, SANDBOX_WORKER_POLL_MS: "50" },
          ...environment,
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      }
      const exitCode = once(child, "close").then(([code]) => code as number | null);
      const worker = { child, output: () => output, exitCode };
      workers.push(worker);
      return worker;
    },
    async runOf(scheduledId, until = () => true) {
      for (let attempt = 0; attempt < 600; attempt += 1) {
        const run = await cloud.api<RunData>("GET", `/v1/docker/runs/schedule/${scheduledId}`).catch(() => undefined);
        if (run !== undefined && until(run)) {
          return run;
        }
        await sleep(50);
      }
      throw new Error(`The run did not reach the state.\n${workers.map(({ output }) => output()).join("\n")}`);
    },
    logOf: async (runId) =>
      (
        await cloud.api<{ logs: Array<{ state: string; level: string; msg: string }> }>(
          "GET",
          `/v1/docker/runs/${runId}/logs`,
        )
      ).logs,
    async close() {
      for (const { child, exitCode } of workers) {
        child.kill("SIGKILL");
        await exitCode;
      }
      await lightly.close();
      await stopServer(aws);
      await s3.close?.();
    },
  };
  return cloud;
}
