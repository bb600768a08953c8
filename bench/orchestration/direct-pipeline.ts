import { setTimeout as pause } from "node:timers/promises";
import { DescribeInstancesCommand, EC2Client, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import type { Bench } from "../benchmark.ts";
import { addDatasources, lightlyCalls } from "../lightly-calls.ts";

const POLL_MS = 5;

export type Environment = Readonly<Record<string, string>>;

/** The clients of the requests to the sandbox. */
export interface DirectClients {
  readonly s3: S3Client;
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
}

export function directClients(environment: Environment): DirectClients {
  const of = (name: string): string => environment[name] ?? "";
  const config = {
    endpoint: of("AWS_ENDPOINT_URL"),
    region: of("AWS_REGION"),
    credentials: { accessKeyId: of("AWS_ACCESS_KEY_ID"), secretAccessKey: of("AWS_SECRET_ACCESS_KEY") },
  };
  return {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    ec2: new EC2Client(config),
    ssm: new SSMClient(config),
  };
}

/**
 * The peer: the requests of the example flow to the sandbox in sequence without any layer in between, polling every 5 ms where
 * it has to wait. The SDK is loaded already.
 *
 * @returns milliseconds
 */
export async function directPipeline({ signal }: Bench, environment: Environment): Promise<number> {
  const of = (name: string): string => environment[name] ?? "";
  const { s3, ec2, ssm } = directClients(environment);
  const instance = { InstanceIds: [of("PIPELINE_INSTANCE_ID")] };
  const InstanceId = of("PIPELINE_INSTANCE_ID");
  const isInState = (state: string) => async (): Promise<boolean> => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand(instance), { abortSignal: signal });
    return Reservations?.[0]?.Instances?.[0]?.State?.Name === state;
  };

  const startedAt = performance.now();
  const video = await downloadVideo(environment, signal);
  const key = `${of("PIPELINE_INPUT_PREFIX")}/${startedAt}.mp4`;
  await s3.send(new PutObjectCommand({ Bucket: of("PIPELINE_INPUT_BUCKET"), Key: key, Body: video }));
  await ec2.send(new StartInstancesCommand(instance));
  await until(isInState("running"), signal);
  await until(async () => {
    const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({}));
    return (
      InstanceInformationList?.some((one) => one.InstanceId === InstanceId && one.PingStatus === "Online") ?? false
    );
  }, signal);
  const { Command } = await ssm.send(
    new SendCommandCommand({
      ...instance,
      DocumentName: "AWS-RunShellScript",
      Parameters: { commands: [`sh ${of("PIPELINE_SCRIPT")}`] },
    }),
  );
  await until(async () => {
    const { Status } = await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId }));
    return Status === "InProgress" || Status === "Success";
  }, signal);
  await until(await scheduleSelection(environment, signal), signal);
  await ec2.send(new StopInstancesCommand(instance));
  await until(isInState("stopped"), signal);
  const elapsedMs = performance.now() - startedAt;
  for (const client of [s3, ec2, ssm]) {
    client.destroy();
  }
  return elapsedMs;
}

export async function downloadVideo(environment: Environment, signal: AbortSignal): Promise<Buffer> {
  const headers = { authorization: environment.PEXELS_API_KEY ?? "" };
  const popular = await fetch(`${environment.PEXELS_API_URL}/videos/popular?per_page=15`, { headers, signal });
  const { videos } = (await popular.json()) as { videos: Array<{ video_files: Array<{ link: string }> }> };
  const file = await fetch(videos[0]?.video_files[0]?.link ?? "", { signal });
  return Buffer.from(await file.arrayBuffer());
}

/** Schedules the selection of the example flow. Returns a function that asks once whether it is completed. */
export async function scheduleSelection(
  environment: Environment,
  signal: AbortSignal,
): Promise<() => Promise<boolean>> {
  const calls = lightlyCalls(environment, signal);
  const { call, post } = calls;
  const creator = "USER_PIP";
  const { id } = await post("/v1/datasets", { name: `direct-${Date.now()}`, type: "Videos", creator });
  await addDatasources(calls, id, environment);
  const selection = {
    proportionSamples: 0.1,
    strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
  };
  const config = { workerType: "FULL", selection, docker: { shutdownWhenJobFinished: true } };
  const { id: configId } = await post("/v1/docker/worker/config/vX", { version: "V4", creator, config });
  const schedule = { configId, priority: "MID", runsOn: [], creator };
  const scheduled = await post(`/v1/datasets/${id}/docker/worker/schedule`, schedule);
  return async () => {
    const { state } = await call<{ state?: string }>("GET", `/v1/docker/runs/schedule/${scheduled.id}`);
    return state === "COMPLETED";
  };
}

async function until(isSo: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await isSo())) {
    await pause(POLL_MS, undefined, { signal });
  }
}
