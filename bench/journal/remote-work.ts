import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Command, openCommandStore } from "lightly-aws-sandbox/services";
import { startInstances } from "../../src/services/ec2/start-instances.ts";
import type { Bench } from "../benchmark.ts";
import { addDatasources, lightlyCalls } from "../lightly-calls.ts";
import { SANDBOX_STATE, startSandboxProcess } from "../sandbox-process.ts";

/** The remote work of a run. */
export interface RemoteWork {
  readonly datasetId: string;
  readonly configId: string;
  readonly scheduledRunId: string;
  /** Only present when the worker is running. */
  readonly command?: { readonly commandId: string; readonly instanceId: string };
}

/** A sandbox with the remote work of many runs, all in progress. */
export interface BusySandbox {
  readonly environment: Readonly<Record<string, string>>;
  readonly works: readonly RemoteWork[];
}

const DAYS_SECONDS = 172_800;
const RUNS_PER_DATASET = 20;

/**
 * Starts a sandbox in which `count` Lightly runs are scheduled, twenty in each dataset, of which a worker has locked the first one.
 * Every second one has a command in progress.
 */
export async function startBusySandbox(bench: Bench, count: number, videosDir: string): Promise<BusySandbox> {
  const store = openCommandStore(join(bench.folder, SANDBOX_STATE, "commands"));
  const commands = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? commandInProgress(index) : undefined,
  );
  for (const command of commands.filter((one) => one !== undefined)) {
    store.save(command);
  }
  const environment = await startSandboxProcess(bench, videosDir);
  await startInstance(environment, bench.signal);
  const calls = lightlyCalls(environment, bench.signal);
  const { post, call } = calls;
  const creator = "USER_PIP";
  const selection = {
    proportionSamples: 0.1,
    strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
  };
  const config = { workerType: "FULL", selection, docker: { shutdownWhenJobFinished: true } };
  // The worker that the sandbox has registered.
  const [worker] = await call<Array<{ id: string }>>("GET", "/v1/docker/worker");
  const works: RemoteWork[] = [];
  const fillDataset = async (number: number): Promise<void> => {
    const { id: datasetId } = await post("/v1/datasets", { name: `videos ${number}`, type: "Videos", creator });
    await addDatasources(calls, datasetId, environment);
    const { id: configId } = await post("/v1/docker/worker/config/vX", { version: "V4", creator, config });
    const from = number * RUNS_PER_DATASET;
    for (let index = from; index < Math.min(from + RUNS_PER_DATASET, count); index += 1) {
      const schedule = { configId, priority: "MID", runsOn: [], creator };
      const { id } = await post(`/v1/datasets/${datasetId}/docker/worker/schedule`, schedule);
      if (index === from) {
        await call("PUT", `/v1/datasets/${datasetId}/docker/worker/${worker?.id}/schedule/${id}`, { state: "LOCKED" });
        const run = await post("/v1/docker/runs", { dockerVersion: "3", datasetId, configId, scheduledId: id });
        await call("PUT", `/v1/docker/runs/${run.id}`, { state: "EMBEDDING", message: "embedding frames" });
      }
      const { commandId = "", instanceIds: [instanceId = ""] = [] } = commands[index] ?? {};
      const ids = { datasetId, configId, scheduledRunId: id };
      works[index] = commandId === "" ? ids : { ...ids, command: { commandId, instanceId } };
    }
  };
  for (let number = 0; number * RUNS_PER_DATASET < count; number += 1) {
    await fillDataset(number);
  }
  return { environment, works };
}

/** On an instance that does not exist in the sandbox: a starting agent would report the command as failed. */
function commandInProgress(index: number): Command {
  const instanceId = `i-${index.toString(16).padStart(17, "0")}`;
  const output = { responseCode: -1, stdout: "", stderr: "", stdoutUrl: "", stderrUrl: "" };
  const progress = { status: "InProgress", statusDetails: "InProgress", startedAt: Date.now() } as const;
  return {
    commandId: randomUUID(),
    documentName: "AWS-RunShellScript",
    parameters: { commands: ["sh /home/ubuntu/run.sh"], executionTimeout: [String(DAYS_SECONDS)] },
    comment: "",
    instanceIds: [instanceId],
    targets: [],
    deliverySeconds: 600,
    executionSeconds: DAYS_SECONDS,
    outputBucket: "",
    outputPrefix: "",
    maxConcurrency: "50",
    maxErrors: "0",
    requestedAt: Date.now(),
    invocations: [{ instanceId, ...progress, ...output }],
  };
}

/** Starts the example's instance, so that its auto-stop timer can be armed. */
async function startInstance(environment: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  const of = (name: string): string => environment[name] ?? "";
  const client = {
    endpoint: of("AWS_ENDPOINT_URL"),
    region: of("AWS_REGION"),
    credentials: { accessKeyId: of("AWS_ACCESS_KEY_ID"), secretAccessKey: of("AWS_SECRET_ACCESS_KEY") },
  };
  const [ec2, ssm] = [new EC2Client(client), new SSMClient(client)];
  const select = { ids: [of("PIPELINE_INSTANCE_ID")] };
  await startInstances({ ec2, ssm, select, capacityTimeoutMs: 0, timeoutMs: 10_000, pollMs: 50, signal });
  ec2.destroy();
  ssm.destroy();
}
