import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { selectionConfig } from "../../../../src/services/lightly/selection/selection-config.ts";
import { parseS3Uri } from "../../../../src/services/s3/object/parse-uri.ts";
import { packScript } from "../../../../src/services/studio/pack-script.ts";
import { studioCommand } from "../../../../src/services/studio/studio-command.ts";
import { readManifest, type StudioManifest } from "../../../../src/services/studio/studio-manifest.ts";
import { readProgress, type StudioProgress } from "../../../../src/services/studio/studio-progress.ts";
import { type StudioRequest, studioObjects } from "../../../../src/services/studio/studio-request.ts";
import type { Setup } from "../../judge.ts";
import { judgeEnvironment } from "../../judge-environment.ts";
import { onInterrupt } from "../../on-interrupt.ts";

export const SCRIPT = path.join(import.meta.dirname, "../../../../src/studio/select_frames");
const BUCKET = "lightly-output";
const LIMIT_MS = 180_000;

export interface StudioEnd {
  readonly code: number | null;
  readonly last: StudioProgress | undefined;
  /** What it has told of, in this order. */
  readonly phases: ReadonlyArray<StudioProgress["phase"]>;
  readonly error: string;
  readonly stderr: string;
}

export interface RunOptions extends Partial<StudioRequest> {
  /** Name of a dataset, whose folder and output are its own. Default: the name of the run. */
  readonly dataset?: string;
  /** Name of the instance, which has a work folder of its own. */
  readonly instance?: string;
  /** The interpreter that is missing at first, and what installs it. */
  readonly python?: string;
  readonly install?: "cpu" | "cuda";
  /** The most that its disk takes, in MiB. Needs Linux. */
  readonly diskMiB?: number;
  /** A signal for the process when it tells of a phase. */
  readonly onProgress?: (progress: StudioProgress) => void;
  readonly kill?: { readonly signal: NodeJS.Signals; readonly phase: StudioProgress["phase"] };
}

/** Runs the script with the real LightlyStudio, by the shell lines that an instance would run. */
export class StudioRuns {
  readonly s3: S3Client;
  readonly #setup: Setup;
  readonly #area: string;
  #script = "";

  /** @param area - names the folders of these runs, so that a dataset of the same name elsewhere is another one */
  constructor(setup: Setup, area: string) {
    this.#setup = setup;
    this.#area = area;
    const { region, credentials, endpoints } = setup.sandbox;
    this.s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
  }

  request(runId: string, options: RunOptions = {}): StudioRequest {
    const {
      instance: _instance,
      kill: _kill,
      diskMiB: _diskMiB,
      onProgress: _onProgress,
      python: _python,
      install: _install,
      dataset = runId,
      ...given
    } = options;
    return {
      runId,
      dataset,
      inputs: [`s3://${this.#setup.sandbox.buckets.input}/raw/`],
      output: this.uri(`${dataset}/out`),
      datasetUri: this.uri(`${dataset}/state`),
      selection: selectionConfig({ nSamples: 12 }),
      framesPerSecond: null,
      embedder: "grid",
      ...given,
    };
  }

  async run(runId: string, options: RunOptions = {}, environment: Record<string, string> = {}): Promise<StudioEnd> {
    this.#script ||= await packScript(SCRIPT);
    const { instance = "one", diskMiB, python = this.#setup.python, install } = options;
    const request = this.request(runId, options);
    const lines = studioCommand({ request, script: this.#script, python, ...(install && { install }) }).join("\n");
    const { folder } = this.#setup;
    const work = this.workFolder(instance);
    const [command, ...args] = diskMiB === undefined ? ["sh", "-c", lines] : withDisk(diskMiB, work, lines);
    const child = spawn(command, args, {
      env: { ...judgeEnvironment(this.#setup), LIGHTLY_STUDIO_WORK_DIR: work, ...environment },
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    const forget = onInterrupt(() => child.kill("SIGKILL"));
    return await endOf(child, options).finally(forget);
  }

  /** A place in the output bucket. */
  uri(key: string): string {
    return `s3://${BUCKET}/${this.#area}/${key}`;
  }

  workFolder(instance: string): string {
    return path.join(this.#setup.folder, `work-${this.#area}-${instance}`);
  }

  async manifest(runId: string, options: RunOptions = {}): Promise<StudioManifest> {
    const request = this.request(runId, options);
    return readManifest((await this.read(studioObjects(request).manifest)).toString("utf8"), request);
  }

  async read(uri: string): Promise<Buffer> {
    const { Body } = await this.s3.send(new GetObjectCommand(objectAt(uri)));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  async write(uri: string, content: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ ...objectAt(uri), Body: content }));
  }

  async remove(uri: string): Promise<void> {
    await this.s3.send(new DeleteObjectCommand(objectAt(uri)));
  }

  /** The objects below a place in the output bucket: what changes with each version, by the URI. */
  async list(key: string): Promise<Map<string, string>> {
    const { Bucket, Key: Prefix } = objectAt(this.uri(key));
    const { Contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    return new Map(
      Contents.map(({ Key, ETag, LastModified }) => [
        `s3://${Bucket}/${Key}`,
        `${ETag} ${LastModified?.toISOString()}`,
      ]),
    );
  }

  async upload(key: string, content: string | Buffer): Promise<void> {
    const Body = typeof content === "string" ? readFileSync(content) : content;
    await this.s3.send(new PutObjectCommand({ Bucket: this.#setup.sandbox.buckets.input, Key: key, Body }));
  }
}

/** @param area - of the runs of one judge */
export async function withRuns(setup: Setup, area: string, judge: (runs: StudioRuns) => Promise<void>): Promise<void> {
  const runs = new StudioRuns(setup, area);
  try {
    await judge(runs);
  } finally {
    runs.s3.destroy();
  }
}

function objectAt(uri: string): { Bucket: string; Key: string } {
  const { bucket: Bucket, key: Key } = parseS3Uri(uri) ?? { bucket: "", key: "" };
  return { Bucket, Key };
}

/** Runs the lines with a small disk at a folder, which only they see. */
function withDisk(mebibytes: number, folder: string, lines: string): [string, ...string[]] {
  mkdirSync(folder, { recursive: true });
  const mount = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && exec sh -c "$1"`;
  return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, folder, lines];
}

async function endOf(
  child: ChildProcessByStdio<null, Readable, Readable>,
  { kill, onProgress }: RunOptions,
): Promise<StudioEnd> {
  let last: StudioProgress | undefined;
  const phases: Array<StudioProgress["phase"]> = [];
  let error = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const progress = readProgress(line);
    last = progress ?? last;
    if (progress) {
      onProgress?.(progress);
    }
    if (last !== undefined && last.phase !== phases.at(-1)) {
      phases.push(last.phase);
    }
    if (last?.phase === "failed") {
      error = `${(JSON.parse(line) as { code: string }).code}: ${last.message}`;
    }
    if (kill !== undefined && last?.phase === kill.phase) {
      child.kill(kill.signal);
    }
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, last, phases, error, stderr };
}
