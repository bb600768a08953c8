import { setTimeout as pause } from "node:timers/promises";
import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
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

/** Whose requests are sent: those of the tutorial in sequence, or those of this package, which sends more and has two branches. */
export type RequestsOf = "tutorial" | "package";

/**
 * The requests of a pipeline to the sandbox without any layer in between, polling every 5 ms where it has to wait.
 * The package also checks the object before and after its upload, the instance before its start and its stop, and the access of the dataset;
 * it sets a shutdown timer on the instance, and reads the tag of the selection.
 *
 * @returns milliseconds
 */
export async function directPipeline(
  environment: Environment,
  requestsOf: RequestsOf,
  signal: AbortSignal,
): Promise<number> {
  const isPackage = requestsOf === "package";
  const of = (name: string): string => environment[name] ?? "";
  const { s3, ec2, ssm } = directClients(environment);
  const instance = { InstanceIds: [of("PIPELINE_INSTANCE_ID")] };
  const InstanceId = of("PIPELINE_INSTANCE_ID");
  const describe = () => ec2.send(new DescribeInstancesCommand(instance), { abortSignal: signal });
  const isInState = (state: string) => async (): Promise<boolean> => {
    const { Reservations } = await describe();
    return Reservations?.[0]?.Instances?.[0]?.State?.Name === state;
  };
  const command = (commands: string[]) =>
    ssm.send(new SendCommandCommand({ ...instance, DocumentName: "AWS-RunShellScript", Parameters: { commands } }));

  const startedAt = performance.now();
  const object = {
    Bucket: of("PIPELINE_INPUT_BUCKET"),
    Key: `${of("PIPELINE_INPUT_PREFIX")}/${startedAt}.mp4`,
  };
  const exists = () => s3.send(new HeadObjectCommand(object)).then(Boolean, () => false);
  const beside = isPackage ? scheduleSelection(environment, signal, requestsOf) : undefined;
  if (isPackage) {
    await popularVideos(environment, signal, 2); // a random page, which the small library of the sandbox does not have
  }
  const video = await downloadVideo(environment, signal);
  await (isPackage && exists());
  await s3.send(new PutObjectCommand({ ...object, Body: video }));
  await (isPackage && exists());
  await (isPackage && describe()); // is it running already?
  const behavior = { InstanceId, Attribute: "instanceInitiatedShutdownBehavior" } as const;
  const timer = isPackage ? ec2.send(new DescribeInstanceAttributeCommand(behavior)) : undefined;
  await ec2.send(new StartInstancesCommand(instance));
  await until(isInState("running"), signal);
  await until(async () => {
    const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({}));
    return (
      InstanceInformationList?.some((one) => one.InstanceId === InstanceId && one.PingStatus === "Online") ?? false
    );
  }, signal);
  await timer?.then(() => command(["shutdown -h +30"]));
  const { Command } = await command([`sh ${of("PIPELINE_SCRIPT")}`]);
  await until(async () => {
    const { Status } = await ssm.send(new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId }));
    return Status === "InProgress" || Status === "Success";
  }, signal);
  const selection = await (beside ?? scheduleSelection(environment, signal, requestsOf));
  await until(selection.isCompleted, signal);
  await (isPackage && selection.readTag());
  await (isPackage && describe());
  await ec2.send(new StopInstancesCommand(instance));
  await until(isInState("stopped"), signal);
  const elapsedMs = performance.now() - startedAt;
  for (const client of [s3, ec2, ssm]) {
    client.destroy();
  }
  return elapsedMs;
}

export async function downloadVideo(environment: Environment, signal: AbortSignal): Promise<Buffer> {
  const videos = await popularVideos(environment, signal, 1);
  const file = await fetch(videos[0]?.video_files[0]?.link ?? "", { signal });
  return Buffer.from(await file.arrayBuffer());
}

async function popularVideos(
  environment: Environment,
  signal: AbortSignal,
  page: number,
): Promise<Array<{ video_files: Array<{ link: string }> }>> {
  const headers = { authorization: environment.PEXELS_API_KEY ?? "" };
  const url = `${environment.PEXELS_API_URL}/videos/popular?per_page=80&page=${page}`;
  const response = await fetch(url, { headers, signal });
  return ((await response.json()) as { videos: Array<{ video_files: Array<{ link: string }> }> }).videos;
}

/** A scheduled selection. */
export interface DirectSelection {
  /** Asks once. */
  isCompleted(): Promise<boolean>;
  /** Reads the tags of the worker's run. */
  readTag(): Promise<void>;
}

/** Schedules the selection of the example flow. */
export async function scheduleSelection(
  environment: Environment,
  signal: AbortSignal,
  requestsOf: RequestsOf,
): Promise<DirectSelection> {
  const calls = lightlyCalls(environment, signal);
  const { call, post } = calls;
  const creator = "USER_PIP";
  const name = `direct-${Date.now()}`;
  const isPackage = requestsOf === "package";
  await (isPackage && call("GET", `/v1/datasets/query/name/${name}?exact=true`));
  const { id } = await post("/v1/datasets", { name, type: "Videos", creator });
  await addDatasources(calls, id, environment);
  await (isPackage && call("GET", `/v1/datasets/${id}/datasource/verify`));
  const selection = {
    proportionSamples: 0.1,
    strategies: [{ input: { type: "EMBEDDINGS" }, strategy: { type: "DIVERSITY" } }],
  };
  const config = { workerType: "FULL", selection, docker: { shutdownWhenJobFinished: true } };
  const { id: configId } = await post("/v1/docker/worker/config/vX", { version: "V4", creator, config });
  const schedule = { configId, priority: "MID", runsOn: [], creator };
  const scheduled = await post(`/v1/datasets/${id}/docker/worker/schedule`, schedule);
  const runPath = `/v1/docker/runs/schedule/${scheduled.id}`;
  let runId: string | undefined;
  return {
    isCompleted: async () => {
      const run = await call<{ id?: string; state?: string }>("GET", runPath);
      runId = run.id;
      return run.state === "COMPLETED";
    },
    readTag: async () => void (await call("GET", `/v1/docker/runs/${runId}/tags`)),
  };
}

async function until(isSo: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await isSo())) {
    await pause(POLL_MS, undefined, { signal });
  }
}
