import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { createFaults } from "../../src/faults/faults.ts";
import { createLightlyApi, type LightlyApiOptions } from "../../src/lightly/create-lightly-api.ts";

export const TOKEN = "token-of-the-test";
export const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secret-of-the-test" };
const REGION = "eu-central-1";

// biome-ignore lint/suspicious/noExplicitAny: responses are asserted field by field
export type Json = any;

export interface Reply {
  readonly status: number;
  readonly json: Json;
  readonly text: string;
  readonly headers: Headers;
}

/** The API on a free port with an object store in memory, and a manual clock. */
export interface LightlyFixture {
  readonly url: string;
  readonly objects: Map<string, { body: Buffer; lastModified: Date }>;
  readonly faults: ReturnType<typeof createFaults>;
  readonly log: string[];
  readonly clock: FakeClock;
  /** A request with the token at the end of the query, like Lightly's client. */
  call(method: string, path: string, body?: unknown): Promise<Reply>;
  /** As {@link call}, and asserts the status. */
  expect(status: number, method: string, path: string, body?: unknown): Promise<Json>;
  /** Stops the server and starts another one with the same state. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startLightly(options: Partial<LightlyApiOptions> = {}): Promise<LightlyFixture> {
  const dir = temporaryFolder();
  const objects: LightlyFixture["objects"] = new Map();
  const faults = createFaults();
  const log: string[] = [];
  const clock = new FakeClock({ now: 1_700_000_000_000 });
  let base = "";
  let close = async () => {};

  async function start(): Promise<void> {
    const api = createLightlyApi({
      dir,
      token: TOKEN,
      publicUrl: () => base,
      aws: { endpoint: () => "http://127.0.0.1:9", credentials: CREDENTIALS, region: REGION },
      storage: storageOf(objects),
      faults,
      log: (line) => log.push(line),
      now: clock.now,
      ...options,
    });
    await new Promise<void>((resolve) => api.server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`;
    close = api.close;
  }

  const call: LightlyFixture["call"] = async (method, target, body) => {
    const url = `${base}${target}${target.includes("?") ? "&" : "?"}token=${TOKEN}`;
    const response = await fetch(url, {
      method,
      redirect: "manual",
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };

  await start();
  return {
    get url() {
      return base;
    },
    objects,
    faults,
    log,
    clock,
    call,
    async expect(status, method, target, body) {
      const reply = await call(method, target, body);
      assert.equal(reply.status, status, `${method} ${target}: ${reply.status} ${reply.text}`);
      return reply.json;
    },
    async restart() {
      await close();
      await start();
    },
    close: () => close(),
  };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function storageOf(objects: LightlyFixture["objects"]): LightlyApiOptions["storage"] {
  return {
    async list(bucket, prefix) {
      if (![...objects.keys()].some((name) => name.startsWith(`${bucket}/`))) {
        throw new Error("NoSuchBucket");
      }
      return [...objects]
        .filter(([name]) => name.startsWith(`${bucket}/${prefix}`))
        .map(([name, { body, lastModified }]) => ({
          key: name.slice(bucket.length + 1),
          bytes: body.length,
          lastModified,
        }));
    },
    async read(bucket, key) {
      const object = objects.get(`${bucket}/${key}`);
      assert.ok(object, "NoSuchKey");
      return Readable.from([object.body]);
    },
  };
}

export const datasource = (purpose: "INPUT" | "LIGHTLY", fields: object = {}) => ({
  purpose,
  type: "S3DelegatedAccess",
  thumbSuffix: ".lightly/thumbnails/[filename]_thumb.[extension]",
  fullPath: purpose === "INPUT" ? "s3://lightly-input/videos/" : "s3://lightly-output/lightly/",
  s3Region: REGION,
  s3ExternalId: "my-external-id-123",
  s3ARN: "arn:aws:iam::123456789012:role/LightlyAccess",
  ...fields,
});

export const CONFIG = {
  version: "V4",
  creator: "USER_PIP",
  config: {
    workerType: "FULL",
    selection: {
      proportionSamples: 0.1,
      strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
      autoTasks: [],
    },
  },
};

/** A Videos dataset with both datasources. */
export async function prepareDataset(lightly: LightlyFixture, name = "dataset-name"): Promise<string> {
  const { id } = await lightly.expect(201, "POST", "/v1/datasets", { name, type: "Videos", creator: "USER_PIP" });
  await lightly.expect(204, "PUT", `/v1/datasets/${id}/datasource`, datasource("INPUT"));
  await lightly.expect(204, "PUT", `/v1/datasets/${id}/datasource`, datasource("LIGHTLY"));
  return id;
}

export async function schedule(lightly: LightlyFixture, datasetId: string, fields: object = {}): Promise<string> {
  const { id: configId } = await lightly.expect(201, "POST", "/v1/docker/worker/config/vX", CONFIG);
  const body = { configId, priority: "MID", runsOn: [], creator: "USER_PIP", ...fields };
  const { id } = await lightly.expect(201, "POST", `/v1/datasets/${datasetId}/docker/worker/schedule`, body);
  return id;
}

export async function registerWorker(
  lightly: LightlyFixture,
  name = "worker-1",
  labels: string[] = [],
): Promise<string> {
  const body = { name, workerType: "FULL", labels, creator: "USER_WORKER" };
  const { id } = await lightly.expect(201, "POST", "/v1/docker/worker", body);
  await lightly.expect(204, "PUT", `/v1/docker/worker/${id}`, { state: "IDLE" });
  return id;
}

export const lockPath = (datasetId: string, workerId: string, scheduledId: string): string =>
  `/v1/datasets/${datasetId}/docker/worker/${workerId}/schedule/${scheduledId}`;

/** A worker takes a scheduled run and starts it. */
export async function begin(
  lightly: LightlyFixture,
  datasetId: string,
  workerId: string,
  scheduledId: string,
): Promise<string> {
  await lightly.expect(204, "PUT", lockPath(datasetId, workerId, scheduledId), { state: "LOCKED" });
  await lightly.expect(204, "PUT", `/v1/docker/worker/${workerId}`, { state: "BUSY", dockerVersion: "2.13.0" });
  const body = { dockerVersion: "2.13.0", datasetId, scheduledId };
  return (await lightly.expect(201, "POST", "/v1/docker/runs", body)).id;
}
