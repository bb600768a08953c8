import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { makeClips } from "lightly-aws-sandbox/clips";
import { WORKER_PROGRAM } from "lightly-aws-sandbox/worker";
import type { Judge, Setup } from "../judge.ts";
import { judgeEnvironment } from "../judge-environment.ts";
import { runLightlyClient } from "../lightly_client/run-lightly-client.ts";
import { onInterrupt } from "../on-interrupt.ts";
import { relay } from "../relay.ts";

/** Any bytes will do: the standard session plays the worker itself and decodes nothing. */
const VIDEOS = [
  { name: "harbour.mp4", bytes: 60_000 },
  { name: "market/stalls.mp4", bytes: 40_000 },
];
/** For the session that reads the results of the sandbox's own worker. */
const RESULTS = { folder: "results", video: "street/clip 1.mp4", broken: "broken.mp4" } as const;

/** Lightly's own Python client in the session that its documentation describes, and with the results of a real run. */
export const lightlyClient: Judge = {
  name: "lightly",
  title: "Lightly's client against the sandbox",
  requirements: "requirements-lightly.txt",
  python: { least: 10, most: 13 },
  async run(setup) {
    const videos = VIDEOS.map(({ name, bytes }) => ({ name, body: Buffer.alloc(bytes, name) }));
    await upload(setup, videos);
    await runSession(setup, "standard_session.py", {
      CONFORMANCE_VIDEOS: VIDEOS.map(({ name, bytes }) => `${name}:${bytes}`).join(","),
    });
    await upload(setup, [
      { name: `${RESULTS.folder}/${RESULTS.video}`, body: await smallestClip(setup) },
      { name: `${RESULTS.folder}/${RESULTS.broken}`, body: Buffer.from("no video") },
    ]);
    const worker = startWorker(setup);
    const forget = onInterrupt(() => worker.kill("SIGKILL"));
    try {
      await runSession(setup, "results_session.py", {
        RESULTS_FOLDER: RESULTS.folder,
        RESULTS_VIDEO: RESULTS.video,
        RESULTS_BROKEN: RESULTS.broken,
      });
    } finally {
      worker.kill("SIGKILL");
      forget();
    }
  },
};

async function runSession(
  setup: Setup,
  session: Parameters<typeof runLightlyClient>[0]["session"],
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const { python, sandbox, tally } = setup;
  const environment = { ...sandbox.environment, ...judgeEnvironment(setup), ...variables };
  await relay(tally, (onLine) => runLightlyClient({ python, session, environment, onLine }));
}

async function upload(
  { sandbox }: Setup,
  files: ReadonlyArray<{ readonly name: string; readonly body: Buffer }>,
): Promise<void> {
  const { region, credentials, endpoints, environment, buckets } = sandbox;
  const s3 = new S3Client({ region, credentials, endpoint: endpoints.aws, forcePathStyle: true });
  for (const { name, body } of files) {
    const Key = `${environment.PIPELINE_INPUT_PREFIX}/${name}`;
    await s3.send(new PutObjectCommand({ Bucket: buckets.input, Key, Body: body }));
  }
  s3.destroy();
}

async function smallestClip({ folder }: Setup): Promise<Buffer> {
  const clips = path.join(folder, "clips");
  await makeClips(clips);
  const names = (await readdir(clips)).filter((name) => name.endsWith(".mp4"));
  const files = await Promise.all(names.map((name) => readFile(path.join(clips, name))));
  return files.sort((one, other) => one.length - other.length)[0] ?? Buffer.alloc(0);
}

/** The sandbox's own worker, which decodes; it ends with the one run that the session schedules. */
function startWorker({ sandbox }: Setup): ChildProcess {
  return spawn(process.execPath, [WORKER_PROGRAM], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env.PATH,
      LIGHTLY_SERVER_LOCATION: sandbox.endpoints.lightly,
      LIGHTLY_TOKEN: sandbox.token,
      SANDBOX_WORKER_POLL_MS: "200",
    },
  });
}
