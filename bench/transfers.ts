import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { JudgeUnavailable, pythonEnvironment } from "../test/conformance/python-environment.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startSandboxProcess } from "./sandbox-process.ts";
import { discardingStore, makeCertificates, startServer } from "./transfers/servers.ts";

const REPETITIONS = 3;
const MIB = 1024 * 1024;
const BYTES = 1024 * MIB;
/** The rates of the peers vary by 10 % from round to round, so shares are those of one round. */
const GOALS = { ofBoto3: 120, processor: 67, ofTutorial: 200, urlOfBoto3: 110, slowOfBoto3: 80 } as const;

export const transfers = {
  name: "transfers",
  title:
    "1 GiB from a file and from a URL, to the sandbox and to a store that discards it, beside Python's ways; in turn",
  measure,
};

type Environment = Readonly<Record<string, string>>;

/** What a program prints about itself. */
interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

/** One way of an upload: what is measured, and its values, one per round. */
interface Way {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly values: Measured[];
}

async function measure(bench: Bench): Promise<Figure[]> {
  const videos = join(bench.folder, "videos");
  await mkdir(videos);
  const sandbox = { ...(await startSandboxProcess(bench, videos)), BENCH_FOLDER: bench.folder };
  const discarding = await discardingStore(bench);
  const overTls = await discardingStore(bench, await makeCertificates(bench));
  const slow = await discardingStore(bench, undefined, { CONNECTION_MIB_PER_S: "8" });
  const file = await writeBytes(join(bench.folder, "local.bin"));
  const url = `${await startServer(bench, "byte-server.ts")}/${BYTES}.bin`;
  const python = await findPython();

  const way = (name: string, environment: Environment, command: string, ...args: string[]): Way => ({
    ...{ name, command, args, values: [] },
    environment: { AWS_DEFAULT_REGION: environment.AWS_REGION ?? "", ...environment },
  });
  const ours = [process.execPath, join(import.meta.dirname, "transfers", "upload.mjs")] as const;
  const peer = join(import.meta.dirname, "transfers", "peer.py");
  const bucketAndKey = ({ PIPELINE_INPUT_BUCKET: bucket = "" }: Environment) => [bucket, "upload.bin"] as const;
  const byUs = (name: string, environment: Environment, from: string): Way =>
    way(name, environment, ...ours, ...bucketAndKey(environment), from);
  const byPeer = (name: string, environment: Environment, which: string, from: string): Way[] =>
    python === undefined ? [] : [way(name, environment, python, peer, which, ...bucketAndKey(environment), from)];

  const [fileByUs, fileDiscardedByUs, fileTlsByUs, fileSlowByUs, urlByUs] = [
    byUs("s3 upload, file", sandbox, file),
    byUs("s3 upload, file, discarded", discarding, file),
    byUs("s3 upload, file, TLS", overTls, file),
    byUs("s3 upload, file, 8 MiB/s per connection", slow, file),
    byUs("s3 upload, URL", sandbox, url),
  ];
  const [boto3] = byPeer("boto3, file", sandbox, "boto3", file);
  const [boto3Discarded] = byPeer("boto3, file, discarded", discarding, "boto3", file);
  const [boto3Tls] = byPeer("boto3, file, TLS", overTls, "boto3", file);
  const [boto3Slow] = byPeer("boto3, file, 8 MiB/s per connection", slow, "boto3", file);
  const [awsCli] = byPeer("aws s3 cp, file", sandbox, "aws", file);
  const [tutorial] = byPeer("download, then boto3", sandbox, "tutorial", url);
  const ways = [
    ...[fileByUs, boto3, urlByUs, tutorial, awsCli],
    ...[fileDiscardedByUs, boto3Discarded, fileTlsByUs, boto3Tls, fileSlowByUs, boto3Slow],
  ].filter((one) => one !== undefined);
  for (let round = 1; round <= REPETITIONS; round += 1) {
    for (const one of ways) {
      bench.say(`round ${round} of ${REPETITIONS}: ${one.name}`);
      one.values.push(await run(bench, one));
      await removeObjects(sandbox);
    }
  }
  return [
    ...ways.flatMap(figuresOf),
    ...shares("file: share of boto3's rate", fileByUs, boto3, rateOf, { least: GOALS.ofBoto3 }),
    ...shares("file: share of boto3's processor time", fileByUs, boto3, cpuOf, { most: GOALS.processor }),
    ...shares("file, discarded: share of boto3's rate", fileDiscardedByUs, boto3Discarded, rateOf, {
      least: GOALS.ofBoto3,
    }),
    ...shares("file, discarded: share of boto3's processor time", fileDiscardedByUs, boto3Discarded, cpuOf, {
      most: GOALS.processor,
    }),
    ...shares("file, TLS: share of boto3's rate", fileTlsByUs, boto3Tls, rateOf, { least: GOALS.ofBoto3 }),
    ...shares("file, TLS: share of boto3's processor time", fileTlsByUs, boto3Tls, cpuOf, { most: GOALS.processor }),
    ...shares("file, 8 MiB/s per connection: share of boto3's rate", fileSlowByUs, boto3Slow, rateOf, {
      least: GOALS.slowOfBoto3,
    }),
    ...shares("URL: share of the rate of download and boto3", urlByUs, tutorial, rateOf, { least: GOALS.ofTutorial }),
    ...shares("URL: share of boto3's rate from a file", urlByUs, boto3, rateOf, { least: GOALS.urlOfBoto3 }),
  ];
}

/** boto3 and the command line of AWS in an environment of their own; undefined, with a line, where Python or its packages are missing. */
async function findPython(): Promise<string | undefined> {
  try {
    return await pythonEnvironment("requirements-aws.txt", { least: 10 }, (line) => console.error(line));
  } catch (error) {
    if (!(error instanceof JudgeUnavailable)) {
      throw error;
    }
    console.log(`  without peers: ${error.message}`);
    return undefined;
  }
}

async function run({ signal }: Bench, { command, args, environment }: Way): Promise<Measured> {
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(command, args, { env, signal });
  return JSON.parse(stdout) as Measured;
}

const rateOf = ({ seconds }: Measured): number => BYTES / MIB / seconds;
const cpuOf = ({ cpuSeconds }: Measured): number => cpuSeconds;

function figuresOf({ name, values }: Way): Figure[] {
  return [
    { name, unit: "MiB/s", values: values.map(rateOf) },
    { name: `${name}: processor`, unit: "s", values: values.map(cpuOf) },
    { name: `${name}: peak memory`, unit: "MiB", values: values.map(({ peakMib }) => peakMib) },
  ];
}

function shares(
  name: string,
  ours: Way,
  peer: Way | undefined,
  of: (measured: Measured) => number,
  goal: NonNullable<Figure["goal"]>,
): Figure[] {
  const values = ours.values.map((measured, round) => {
    const beside = peer?.values[round];
    return beside === undefined ? Number.NaN : (100 * of(measured)) / of(beside);
  });
  return peer === undefined ? [] : [{ name, unit: "%", values, goal }];
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

async function writeBytes(path: string): Promise<string> {
  const block = randomBytes(MIB);
  const file = await open(path, "w");
  for (let written = 0; written < BYTES; written += block.length) {
    await file.write(block);
  }
  await file.close();
  return path;
}
