import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Command } from "../../sandbox/src/ssm/command.ts";
import { openCommandStore } from "../../sandbox/src/ssm/command-store.ts";
import { startInstances } from "../../src/services/ec2/start-instances.ts";
import type { Bench } from "../benchmark.ts";
import { lightlyCalls } from "../lightly-calls.ts";
import { SANDBOX_STATE, startSandboxProcess } from "../sandbox-process.ts";

/** What a run has begun elsewhere. */
export interface RemoteWork {
  readonly datasetId: string;
  readonly configId: string;
  readonly scheduledRunId: string;
  /** Only a run whose worker works has one. */
  readonly command?: { readonly commandId: string; readonly instanceId: string };
}

/** A sandbox that knows the work of many runs, and answers that it goes on. */
export interface BusySandbox {
  readonly environment: Readonly<Record<string, string>>;
  readonly works: readonly RemoteWork[];
}

const DAYS_SECONDS = 172_800;
const REQUESTS_AT_ONCE = 8;

/**
 * Starts a sandbox in which `count` Lightly runs are scheduled in one dataset. The worker of every second one runs: its command is in
 * progress, and its Lightly run is embedding.
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
  const { post, call } = lightlyCalls(environment, bench.signal);
  const creator = "USER_PIP";
  const name = environment.PIPELINE_DATASET ?? "many-runs";
  const { id: datasetId } = await post("/v1/datasets", { name, type: "Videos", creator });
  const selection = {
    proportionSamples: 0.1,
    strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
  };
  const config = { workerType: "FULL", selection, docker: { shutdownWhenJobFinished: true } };
  const { id: configId } = await post("/v1/docker/worker/config/vX", { version: "V4", creator, config });
  const works: RemoteWork[] = [];
  const schedule = async (index: number): Promise<void> => {
    const { id: scheduledRunId } = await post(`/v1/datasets/${datasetId}/docker/worker/schedule`, {
      ...{ configId, priority: "MID", runsOn: [], creator },
    });
    const [invocation] = commands[index]?.invocations ?? [];
    if (!commands[index] || !invocation) {
      works[index] = { datasetId, configId, scheduledRunId };
      return;
    }
    const { id } = await post("/v1/docker/runs", {
      dockerVersion: "3",
      datasetId,
      configId,
      scheduledId: scheduledRunId,
    });
    await call("PUT", `/v1/docker/runs/${id}`, { state: "EMBEDDING", message: "embedding frames" });
    const { commandId } = commands[index];
    works[index] = { datasetId, configId, scheduledRunId, command: { commandId, instanceId: invocation.instanceId } };
  };
  for (let from = 0; from < count; from += REQUESTS_AT_ONCE) {
    const batch = Array.from({ length: Math.min(REQUESTS_AT_ONCE, count - from) }, (_, index) => from + index);
    await Promise.all(batch.map(schedule));
  }
  return { environment, works };
}

/** On an instance of its own, which the sandbox does not show: an agent that starts in it would report the command as failed. */
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

/** The example's instance is on: its timer can be armed. */
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
