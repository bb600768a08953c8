import { once } from "node:events";
import { rm } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { untilShutdownSignal, wipeInstallation } from "lightly-aws-sandbox/installation";
import { writeContactSheet } from "./local/contact-sheet.ts";
import { instanceState } from "./local/instance-state.ts";
import { type LocalStack, startLocalStack } from "./local/local-stack.ts";
import { STATE_DIR } from "./local/package-root.ts";
import { type PipelineResult, pipelineResult } from "./local/pipeline-result.ts";
import { watchRun } from "./local/run-watcher.ts";
import { downloadSelected } from "./local/selected-frames.ts";
import { seconds, stepLines } from "./local/step-lines.ts";
import { studioEnvironment } from "./local/studio-environment.ts";
import { pressButton, type StudioFlow, writeStudioFlow } from "./local/studio-flow.ts";
import { downloadStudioSelected } from "./local/studio-selected.ts";

const HELP = `npm run demo -- [options], or without a checkout: npx lightly-aws-sandbox demo [options]

Runs the whole pipeline once against the sandbox. Exits 0 if the run completed and the instance is stopped.

  --videos DIR      your own videos instead of the generated clips
  --state DIR       state directory of clips, sandbox and Node-RED (.sandbox)
  --open            leaves Node-RED and the sandbox running afterwards, until Ctrl-C
  --studio          has the real LightlyStudio select (examples/studio.json). Installs it below the state directory: 1.2 GB, kept.
                    Needs Python 3.11 to 3.13
  --embedder NAME   with --studio: grid (default; colors only, no download), pe or mobileclip (6.5 GB with PyTorch, and download their model, 280 MB)
`;
const EMBEDDERS: readonly string[] = ["grid", "pe", "mobileclip"];
const LIMIT_MS = 10 * 60_000;
const STUDIO_LIMIT_MS = 60 * 60_000;

const { values } = parseArgs({
  options: {
    videos: { type: "string" },
    state: { type: "string", default: STATE_DIR },
    open: { type: "boolean", default: false },
    studio: { type: "boolean", default: false },
    embedder: { type: "string", default: "grid" },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  const startedAt = Date.now();
  // Not after an installation of 6.5 GB.
  if (!EMBEDDERS.includes(values.embedder)) {
    throw new Error(`--embedder has "${values.embedder}", and takes ${EMBEDDERS.join(", ")}.`);
  }
  const interrupted = new AbortController();
  untilShutdownSignal().then(() => interrupted.abort(new Error("Interrupted.")));
  const stateDir = resolve(values.state, "demo");
  // Refuses a state folder that another demo uses, whose instances would keep running without it.
  wipeInstallation(join(stateDir, "sandbox"));
  await rm(stateDir, { recursive: true, force: true });
  const studio = values.studio ? await prepareStudio(stateDir, interrupted.signal) : undefined;
  console.log("Starting the sandbox and Node-RED ...");
  const stack = await startLocalStack({
    stateDir,
    clipsDir: resolve(values.state, "clips"),
    firstClipDir: resolve(values.state, "first-clip"),
    allNodes: true,
    log: console.log,
    onNodeRedLog: (line) => /\[(warn|error)\] \[/.test(line) && console.log(line),
    ...(studio && { flow: studio.file }),
    ...(values.videos === undefined ? {} : { videosDir: resolve(values.videos) }),
  });
  try {
    interrupted.signal.throwIfAborted();
    await runPipeline(stack, {
      stateDir,
      startedAt: studio ? Date.now() : startedAt,
      studio,
      signal: interrupted.signal,
    });
    if (values.open) {
      console.log(
        `\nThe editor is open at ${stack.nodeRed.url}. Click the button to run it again; Ctrl-C stops everything.`,
      );
      await Promise.race([once(interrupted.signal, "abort"), stack.nodeRed.ended]);
    }
  } catch (error) {
    throw interrupted.signal.aborted ? interrupted.signal.reason : error;
  } finally {
    if (interrupted.signal.aborted) {
      console.log("Stopping Node-RED and the sandbox ...");
    }
    await stack.close();
  }
}

/** Installs LightlyStudio, unless it is there, and writes the flow that uses it. */
async function prepareStudio(stateDir: string, signal: AbortSignal): Promise<StudioFlow> {
  const folder = resolve(values.state, "lightly-studio");
  const python = await studioEnvironment({ folder, models: values.embedder !== "grid", log: console.log, signal });
  return writeStudioFlow({ file: join(stateDir, "studio.json"), python, embedder: values.embedder });
}

interface PipelineRun {
  readonly stateDir: string;
  readonly startedAt: number;
  readonly studio: StudioFlow | undefined;
  readonly signal: AbortSignal;
}

/** Starts the pipeline over HTTP, or by its button. */
async function startRun(url: string, studio: StudioFlow | undefined, signal: AbortSignal): Promise<string> {
  if (studio) {
    const runId = await pressButton(url, studio.button, signal);
    console.log(`The button of examples/studio.json has started the run ${runId}\n`);
    return runId;
  }
  const response = await fetch(`${url}/lightly-pipeline`, { method: "POST", signal });
  const { runId } = (await response.json()) as { runId: string };
  console.log(`POST ${url}/lightly-pipeline  ->  ${response.status}, run ${runId}\n`);
  return runId;
}

async function runPipeline(stack: LocalStack, { stateDir, startedAt, studio, signal }: PipelineRun): Promise<void> {
  const { url } = stack.nodeRed;
  const runId = await startRun(url, studio, signal);
  const limitMs = studio ? STUDIO_LIMIT_MS : LIMIT_MS;
  const onStep = stepLines(Date.now(), console.log);
  const run = await watchRun({ url, runId, lastStepType: "lightly-ec2-stop", limitMs, onStep, signal });
  const instance = await instanceState(stack.sandbox);
  if (instance !== "stopped") {
    throw new Error(`The instance should be stopped, but is ${instance}. ${run.error?.message ?? ""}`);
  }
  await printSummary(stack, pipelineResult(run), stateDir);
  console.log(`  instance        ${stack.sandbox.instanceId} is ${instance}
  total time      ${seconds(Date.now() - startedAt)}, ${seconds((run.endedAt ?? 0) - run.startedAt)} of it for the run`);
}

async function printSummary(
  { sandbox }: LocalStack,
  { pexels, s3, lightly }: PipelineResult,
  stateDir: string,
): Promise<void> {
  const folder = join(stateDir, "selected");
  const output =
    lightly.manifest === undefined
      ? await downloadSelected(sandbox, lightly.workerRunId ?? "", folder)
      : await downloadStudioSelected(sandbox, lightly.manifest, folder);
  const { framesSeen, framesSelected } = output.report;
  const { width, height } = pexels.rendition;
  // Its page is served by the sandbox, which ends with the demo.
  const title = basename(new URL(pexels.pageUrl).pathname);
  const video = `${title} by ${pexels.author}, ${pexels.durationSeconds} s, ${width}x${height}`;
  const sheet = join(folder, "index.html");
  await writeContactSheet(sheet, [video, s3.uri], output);
  console.log(`
  video           ${video}
  uploaded to     ${s3.uri}
  frames          ${framesSeen} seen, ${framesSelected} selected (${((100 * framesSelected) / framesSeen).toFixed(1)} %)
  in S3           ${output.frames[0]?.uri.replace(/[^/]*$/, "") ?? "none"}
  on disk         ${relative(process.cwd(), folder)}
  contact sheet   ${pathToFileURL(sheet)}`);
}

if (values.help) {
  console.log(HELP);
} else {
  main().catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  });
}
