import { execFile, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { partSize, partsInFlight } from "../src/services/s3/upload/part-size.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startMeasured } from "./measured-node-red.ts";
import { watchMemory } from "./process-memory.ts";
import { startSandboxProcess } from "./sandbox-process.ts";

const REPETITIONS = 3;
const MIB = 1024 * 1024;
const BYTES = 1024 * MIB;
const SETTLES_WITHIN_MS = 1000;

export const streaming = {
  name: "streaming",
  title: "1 GiB from a URL to S3 by the lightly-s3-upload node, against lib-storage alone from a local file",
  measure,
};

async function measure(bench: Bench): Promise<Figure[]> {
  const videos = join(bench.folder, "videos");
  await mkdir(videos);
  const environment = await startSandboxProcess(bench, videos);
  const url = await startByteServer(bench);
  const file = await writeBytes(join(bench.folder, "local.bin"));
  const partSizeBytes = partSize(BYTES);
  const inFlight = partsInFlight(partSizeBytes);
  const node: number[] = [];
  const growth: number[] = [];
  const samePlan: number[] = [];
  const ownPlan: number[] = [];
  for (let round = 1; round <= REPETITIONS; round += 1) {
    bench.say(`round ${round} of ${REPETITIONS}: the node`);
    const streamed = await streamByNode(bench, environment, url);
    node.push(streamed.mibPerSecond);
    growth.push(streamed.growthMib);
    bench.say(`round ${round} of ${REPETITIONS}: lib-storage alone, with the node's part size`);
    samePlan.push(await uploadAlone(bench, environment, [file, `${partSizeBytes}`, `${inFlight}`]));
    bench.say(`round ${round} of ${REPETITIONS}: lib-storage alone, with its default part size`);
    ownPlan.push(await uploadAlone(bench, environment, [file]));
  }
  const share = (peers: readonly number[]): number[] => node.map((rate, round) => (100 * rate) / (peers[round] ?? 0));
  const plan = `${inFlight} x ${partSizeBytes / MIB} MiB`;
  return [
    { name: "memory that the node's upload adds, peak", unit: "MiB", values: growth, goal: { most: 100 } },
    { name: `the node, URL to S3, ${plan}`, unit: "MiB/s", values: node },
    { name: `lib-storage alone, file to S3, ${plan}`, unit: "MiB/s", values: samePlan },
    { name: "lib-storage alone, file to S3, its defaults", unit: "MiB/s", values: ownPlan },
    {
      name: `the node's share of lib-storage's rate, ${plan}`,
      unit: "%",
      values: share(samePlan),
      goal: { least: 80 },
    },
    {
      name: "the node's share of lib-storage's rate, its defaults",
      unit: "%",
      values: share(ownPlan),
      goal: { least: 80 },
    },
  ];
}

type Environment = Readonly<Record<string, string>>;

/** In a new Node-RED each time, so that the memory of an earlier upload is not measured. */
async function streamByNode(bench: Bench, environment: Environment, url: string) {
  const flow = join(bench.folder, "flow.json");
  await writeFile(flow, JSON.stringify(FLOW));
  // Downloads from this machine must be allowed, and the byte server is on it.
  const allowed = { ...environment, LIGHTLY_AWS_ALLOWED_HOSTS: new URL(url).host };
  const nodeRed = await startMeasured(bench, { name: "node-red", flow, environment: allowed });
  await pause(SETTLES_WITHIN_MS, undefined, { signal: bench.signal });
  const peakGrowth = await watchMemory(nodeRed.start.pid);
  const startedAt = performance.now();
  const response = await fetch(`${nodeRed.url}/stream`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url }),
    signal: bench.signal,
  });
  const elapsedMs = performance.now() - startedAt;
  const answer = await response.text();
  const growthMib = await peakGrowth();
  await nodeRed.close();
  if (!response.ok) {
    throw new Error(`The upload failed: ${answer}`);
  }
  await removeObjects(environment);
  return { growthMib, mibPerSecond: rate(elapsedMs) };
}

async function uploadAlone(bench: Bench, environment: Environment, args: readonly string[]): Promise<number> {
  const program = join(import.meta.dirname, "streaming", "upload-file.ts");
  const bucket = environment.PIPELINE_INPUT_BUCKET ?? "";
  const { stdout } = await promisify(execFile)(process.execPath, [program, bucket, "alone.bin", ...args], {
    env: { ...process.env, ...environment },
    signal: bench.signal,
  });
  await removeObjects(environment);
  return rate(Number(stdout));
}

function rate(elapsedMs: number): number {
  return BYTES / MIB / (elapsedMs / 1000);
}

/** Frees the disk. */
async function removeObjects(environment: Environment): Promise<void> {
  const Bucket = environment.PIPELINE_INPUT_BUCKET ?? "";
  const s3 = new S3Client({
    endpoint: environment.AWS_ENDPOINT_URL ?? "",
    region: environment.AWS_REGION ?? "",
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
    },
    forcePathStyle: true,
  });
  for (const { Key } of (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []) {
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }
  s3.destroy();
}

async function startByteServer(bench: Bench): Promise<string> {
  const child = fork(join(import.meta.dirname, "streaming", "byte-server.ts"));
  bench.defer(() => child.kill());
  const [{ port }] = (await once(child, "message", { signal: bench.signal })) as [{ port: number }];
  return `http://127.0.0.1:${port}/${BYTES}.bin`;
}

async function writeBytes(path: string): Promise<string> {
  const block = randomBytes(MIB);
  const file = await open(path, "w");
  for (let written = 0; written < BYTES; written += block.length) {
    await file.write(block);
  }
  await file.close();
  return path;
}

const FLOW = [
  { id: "tab", type: "tab", label: "stream" },
  { id: "aws", type: "lightly-aws-account", credentialSource: "chain" },
  { id: "in", type: "http in", z: "tab", url: "/stream", method: "post", wires: [["upload"]] },
  {
    ...{ id: "upload", type: "lightly-s3-upload", z: "tab", account: "aws", wires: [["out"]] },
    ...{
      sourceKind: "url",
      source: "payload.url",
      sourceType: "msg",
      bucket: "PIPELINE_INPUT_BUCKET",
      bucketType: "env",
    },
    ...{ prefix: "bench", prefixType: "str", key: "", keyType: "str", ifExists: "refuse" },
  },
  { id: "catch", type: "catch", z: "tab", scope: ["upload"], wires: [["failed"]] },
  {
    ...{ id: "failed", type: "change", z: "tab", wires: [["out"]] },
    rules: [
      { t: "set", p: "payload", pt: "msg", to: "error.message", tot: "msg" },
      { t: "set", p: "statusCode", pt: "msg", to: "500", tot: "num" },
    ],
  },
  { id: "out", type: "http response", z: "tab", wires: [] },
];
