import type { Server } from "node:http";
import { join, resolve } from "node:path";
import type { AwsCredentials } from "./aws/aws-service.ts";
import { createAwsServer } from "./aws/server.ts";
import { createBatch } from "./batch/create-batch.ts";
import { createCompute } from "./compute.ts";
import { sandboxEnvironment } from "./environment.ts";
import { createEventLog, type EventLog } from "./faults/event-log.ts";
import { createFaults, type Faults } from "./faults/faults.ts";
import { type OnRequest, watchRequests } from "./faults/request-watch.ts";
import { createIamService } from "./iam/iam-service.ts";
import { lockInstallation, openInstallation } from "./installation.ts";
import { DEFAULT_DELAYS, type Delays } from "./instances/delays.ts";
import { READY_MADE_INSTANCE_ID } from "./instances/instance.ts";
import { createLightlyApi } from "./lightly/create-lightly-api.ts";
import { listen, stopServer } from "./loopback-server.ts";
import { createPexelsApi } from "./pexels/pexels-api.ts";
import { createSandboxRecord, type SandboxRecord } from "./record.ts";
import { recordWrites } from "./record-writes.ts";
import { createS3Service } from "./s3/s3-service.ts";
import { ServicePort } from "./service-port.ts";
import { createStsService } from "./sts/sts-service.ts";
import { registerWorker, workerEnvironment } from "./worker-environment.ts";

export interface SandboxOptions {
  /** The folder of everything that is stored: objects, instances, secrets. Created when missing; one sandbox at a time. */
  readonly stateDir: string;
  /** 0 or absent: any free port. */
  readonly ports?: { readonly aws?: number; readonly lightly?: number; readonly pexels?: number };
  /** The videos that the Pexels stand-in offers; generated clips when absent. */
  readonly videosDir?: string;
  readonly delays?: Partial<Delays>;
  /** `instant`: a worker that completes each run immediately, without decoding anything. */
  readonly worker?: "stand-in" | "instant";
  /** A program for the image lightly-studio of Batch, such as LightlyStudio itself; the command of the job follows it. Default: the stand-in. */
  readonly studioProgram?: readonly [string, ...string[]];
  readonly log?: (line: string) => void;
  /** Receives every phase of every request synchronously. */
  readonly onRequest?: OnRequest;
}

const REGION = "eu-central-1";
const BUCKETS = { input: "lightly-input", output: "lightly-output" } as const;

/** A running sandbox. */
export interface Sandbox {
  readonly endpoints: { readonly aws: string; readonly lightly: string; readonly pexels: string };
  readonly credentials: AwsCredentials;
  readonly token: string;
  readonly pexelsKey: string;
  readonly region: string;
  readonly buckets: typeof BUCKETS;
  readonly instanceId: typeof READY_MADE_INSTANCE_ID;
  /** The ready-made instance's disk. */
  readonly instanceDir: string;
  readonly faults: Faults;
  readonly events: EventLog;
  /** The current contents of the services, read without a request. */
  readonly record: SandboxRecord;
  /** Opens an extra port of one service that can be closed separately. `close()` of the sandbox closes it too. */
  openPort(service: keyof Sandbox["endpoints"]): Promise<ServicePort>;
  /** The environment variables that Node-RED needs to use this sandbox with the example flow. */
  readonly environment: Record<string, string>;
  /** Stops the servers and every process on the instances. */
  close(): Promise<void>;
}

/** Starts S3, EC2, SSM, Batch, CloudWatch Logs, STS, IAM (simulation and roles), Lightly's API and Pexels' API on 127.0.0.1. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const stateDir = resolve(options.stateDir);
  const secrets = openInstallation(stateDir);
  const closing: Array<() => unknown> = [lockInstallation(stateDir)];
  const close = async (): Promise<void> => {
    for (let last = closing.pop(); last !== undefined; last = closing.pop()) {
      await last();
    }
  };
  try {
    return await start(options, stateDir, secrets, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: SandboxOptions,
  stateDir: string,
  secrets: ReturnType<typeof openInstallation>,
  closing: Array<() => unknown>,
  close: () => Promise<void>,
): Promise<Sandbox> {
  const { credentials, token, pexelsKey } = secrets;
  const delays = { ...DEFAULT_DELAYS, ...options.delays };
  const log = options.log ?? (() => {});
  const faults = watchRequests(createFaults(), options.onRequest ?? (() => {}));
  const events = createEventLog({
    file: join(stateDir, "events.jsonl"),
    log,
    secrets: [credentials.secretAccessKey, token, pexelsKey],
  });
  const endpoints = { aws: "", lightly: "", pexels: "" };
  const servers = new Map<keyof typeof endpoints, Server>();
  const serve = async (name: keyof typeof endpoints, server: Server, end: () => unknown): Promise<void> => {
    servers.set(name, server);
    endpoints[name] = await listen(server, options.ports?.[name] ?? 0, name);
    closing.push(end);
  };

  const s3 = await createS3Service({ dir: join(stateDir, "s3"), region: REGION, log });
  await s3.storage.createBucket(BUCKETS.input);
  await s3.storage.createBucket(BUCKETS.output);

  const lightly = createLightlyApi({
    dir: join(stateDir, "lightly"),
    token,
    publicUrl: () => endpoints.lightly,
    aws: { endpoint: () => endpoints.aws, credentials, region: REGION },
    storage: s3.storage,
    faults,
    events,
    log,
  });
  await serve("lightly", lightly.server, lightly.close);

  const worker = { token, workerId: await registerWorker(endpoints.lightly, token) };
  const compute = await createCompute({
    stateDir,
    region: REGION,
    delays,
    faults,
    events,
    worker,
    storage: s3.storage,
    endpoint: () => endpoints.aws,
    credentials,
    environment: () => workerEnvironment({ endpoints, delays, faults, mode: options.worker ?? "stand-in" }),
  });
  const batch = createBatch({
    stateDir,
    region: REGION,
    delays,
    faults,
    events,
    compute,
    worker,
    studioProgram: options.studioProgram,
  });
  const services = [
    recordWrites(s3, events),
    createStsService({ credentials }),
    createIamService({ faults }),
    ...compute.services,
    ...batch.services,
  ];
  const aws = createAwsServer({ credentials, services, faults, control: compute.control, log });
  await serve("aws", aws, async () => {
    await stopServer(aws);
    await s3.close?.();
  });
  closing.push(
    () => compute.close(),
    () => batch.close(),
  );

  const videosDir = options.videosDir ?? (await generatedClips(stateDir, log));
  const pexels = createPexelsApi({ apiKey: pexelsKey, videosDir, publicUrl: () => endpoints.pexels, faults, log });
  await serve("pexels", pexels.server, pexels.close);

  return {
    endpoints,
    credentials,
    token,
    pexelsKey,
    region: REGION,
    buckets: BUCKETS,
    instanceId: READY_MADE_INSTANCE_ID,
    instanceDir: compute.fleet.folder(READY_MADE_INSTANCE_ID),
    faults,
    events,
    record: createSandboxRecord({
      fleet: compute.fleet,
      jobs: batch.jobs,
      lightly: lightly.state,
      storage: s3.storage,
    }),
    async openPort(service) {
      const port = await ServicePort.for(servers.get(service) as Server);
      closing.push(() => port.close());
      return port;
    },
    environment: sandboxEnvironment({
      secrets,
      region: REGION,
      endpoints,
      buckets: BUCKETS,
      instanceId: READY_MADE_INSTANCE_ID,
    }),
    close,
  };
}

async function generatedClips(stateDir: string, log: (line: string) => void): Promise<string> {
  const dir = join(stateDir, "clips");
  const { makeClips } = await import("./clips/make-clips.ts");
  await makeClips(dir, { log });
  return dir;
}
