import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import { studioEnvironment } from "../scripts/local/studio-environment.ts";
import { selectionConfig } from "../src/services/lightly/selection/selection-config.ts";
import { packScript } from "../src/services/studio/pack-script.ts";
import { studioCommand } from "../src/services/studio/studio-command.ts";
import type { Bench, Figure } from "./benchmark.ts";
import { startSandboxProcess } from "./sandbox-process.ts";
import { stepOverheads } from "./studio/step-overhead.ts";

const SHARE = 0.1;
const BUCKETS = { input: "lightly-input", output: "lightly-output" } as const;
const SCRIPTS = join(PACKAGE_ROOT, "bench", "studio");
const PROGRAM = join(PACKAGE_ROOT, "src", "studio");

/** Only when it is named: it installs 1.2 GB, and takes a quarter of an hour. */
export const studio = {
  name: "studio",
  title: "LightlyStudio by our script, beside one that is written by hand; videos of 25 frames/s, 640x360, colors only",
  isNamedOnly: true,
  measure,
};

interface Measured {
  readonly seconds: number;
  readonly memory: number;
  readonly output: string;
}

async function measure(bench: Bench): Promise<Figure[]> {
  const { folder, say, signal } = bench;
  const environments = join(PACKAGE_ROOT, ".sandbox", "lightly-studio");
  const python = await studioEnvironment({ folder: environments, models: false, log: say, signal });
  // The flow downloads the only video of its folder.
  const videos = join(folder, "videos");
  await mkdir(videos);
  await makeClip(bench, python, join(videos, "minute.mp4"), [640, 360, 60]);
  await makeClip(bench, python, join(folder, "ten-minutes.mp4"), [640, 360, 600]);
  await makeClip(bench, python, join(folder, "large.mp4"), [3840, 2160, 8]);
  const environment = { ...(await startSandboxProcess(bench, videos)), PYTHONPATH: PROGRAM };
  const world = { bench, python, environment };
  const minute = await upload(environment, join(videos, "minute.mp4"));
  const tenMinutes = await upload(environment, join(folder, "ten-minutes.mp4"));
  const large = await upload(environment, join(folder, "large.mp4"));
  const byHand: Measured[] = [];
  const ours: Measured[] = [];
  const overheads: Array<Awaited<ReturnType<typeof stepOverheads>>> = [];
  for (const round of [1, 2, 3]) {
    say(`a minute, by hand, by the script and by the step, ${round} of 3`);
    byHand.push(await handWritten(world, minute, `hand-${round}`));
    ours.push(await select(world, minute, `minute-${round}`, null));
    overheads.push(await stepOverheads({ ...world, name: `step-${round}` }));
  }
  say("ten minutes, one frame per second");
  const slow = await select(world, tenMinutes, "slow", 1);
  say("ten minutes, every frame");
  const every = await select(world, tenMinutes, "every", null);
  say("4K");
  const fourK = await select(world, large, "large", null);
  const fourKByHand = await handWritten(world, large, "hand-large");
  const perSecond = (of: readonly Measured[], frames: number) => of.map(({ seconds }) => frames / seconds);
  return [
    figure("a minute, every frame: frames per second", "", perSecond(ours, 1500)),
    figure("the same by hand", "", perSecond(byHand, 1500)),
    figure("the same: memory", "MiB", ours.map(memoryOf)),
    figure("the same by hand: memory", "MiB", byHand.map(memoryOf)),
    figure("10 minutes, one frame per second", "s", [slow.seconds]),
    figure("the same: memory", "MiB", [slow.memory]),
    figure("10 minutes, every frame (15,000)", "s", [every.seconds]),
    figure("the same: memory", "MiB", [every.memory]),
    { ...figure("4K: memory", "MiB", [fourK.memory]), goal: { most: 2560 } },
    figure("4K by hand: memory", "MiB", [fourKByHand.memory]),
    {
      ...figure(
        "the step before and after its script, in a new Node-RED",
        "s",
        overheads.map(([cold]) => cold),
      ),
      goal: { most: 2 },
    },
    figure(
      "the same, the second time",
      "s",
      overheads.map(([, warm]) => warm),
    ),
  ];
}

const memoryOf = ({ memory }: Measured): number => memory;

function figure(name: string, unit: Figure["unit"], values: readonly number[]): Figure {
  return { name, unit, values };
}

interface World {
  readonly bench: Bench;
  readonly python: string;
  readonly environment: Readonly<Record<string, string>>;
}

type Size = readonly [width: number, height: number, seconds: number];

async function makeClip({ say, signal }: Bench, python: string, file: string, size: Size): Promise<void> {
  say(`making ${basename(file)}`);
  await promisify(execFile)(python, [join(SCRIPTS, "make_clip.py"), file, ...size.map(String)], { signal });
}

/** Returns the URI of the object. */
async function upload(environment: World["environment"], file: string): Promise<string> {
  const { AWS_ENDPOINT_URL: endpoint = "", AWS_REGION: region = "" } = environment;
  const credentials = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
  };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const Key = basename(file);
  await s3.send(new PutObjectCommand({ Bucket: BUCKETS.input, Key, Body: await readFile(file) }));
  s3.destroy();
  return `s3://${BUCKETS.input}/${Key}`;
}

async function handWritten(world: World, video: string, name: string): Promise<Measured> {
  const output = `s3://${BUCKETS.output}/${name}`;
  const database = join(world.bench.folder, `${name}.duckdb`);
  const spec = { video, output, database, framesPerSecond: null, share: SHARE };
  return run(world, [world.python, join(SCRIPTS, "hand_written.py"), JSON.stringify(spec)]);
}

async function select(world: World, video: string, runId: string, perSecond: number | null): Promise<Measured> {
  const output = `s3://${BUCKETS.output}/${runId}`;
  const request = {
    ...{ runId, dataset: runId, inputs: [video], output, datasetUri: `${output}/state`, framesPerSecond: perSecond },
    selection: selectionConfig({ proportionSamples: SHARE }),
    embedder: "grid",
  };
  const script = await packScript(join(PROGRAM, "select_frames"));
  return run(world, ["sh", "-c", studioCommand({ request, script, python: world.python }).join("\n")]);
}

async function run({ bench, python, environment }: World, command: readonly string[]): Promise<Measured> {
  const { stdout } = await promisify(execFile)(python, [join(SCRIPTS, "measured.py"), ...command], {
    env: { ...process.env, ...environment, LIGHTLY_STUDIO_WORK_DIR: join(bench.folder, "work") },
    cwd: bench.folder,
    signal: bench.signal,
  });
  const measured = JSON.parse(stdout) as Measured & { readonly code: number };
  if (measured.code !== 0) {
    throw new Error(`${command[1]} failed:\n${measured.output}`);
  }
  return measured;
}
