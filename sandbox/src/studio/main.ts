/**
 * The program `/opt/lightly-studio/bin/python` of a sandbox instance, and that of the image lightly-studio. There is no LightlyStudio: it
 * finds the request in the program that a command hands over on stdin, or in the argument of a container, and does what that asks for with
 * the sandbox's own decoder.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { RunRefusal } from "../worker/refusal.ts";
import { requestOfContainer } from "./container-request.ts";
import { openObjects } from "./objects.ts";
import { indexVideos, runStudio, type StudioJob } from "./run-studio.ts";
import {
  EXIT_CODES,
  findRequest,
  NOTHING_SELECTED,
  parseRequest,
  StudioRefusal,
  type StudioRequest,
} from "./studio-request.ts";

const TERMINATED = 143;

const stop = new AbortController();
process.on("SIGTERM", () => stop.abort(new Error("terminated")));

const print = (line: object): void => console.log(JSON.stringify(line));

async function main(): Promise<number> {
  const [, , argument = ""] = process.argv;
  try {
    // A shell hands the program over as its input; a container has the request as its argument.
    const given = argument === "-" ? findRequest(await text(process.stdin)) : parseRequest(argument);
    if (given === undefined) {
      console.error(
        "python: a sandbox instance has no LightlyStudio; its stand-in only runs the script of studio select.",
      );
      return 1;
    }
    return await work(given);
  } catch (error) {
    return stop.signal.aborted ? TERMINATED : fail(error);
  }
}

async function work(given: StudioRequest): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "studio-stand-in-"));
  const objects = openObjects();
  const phases: StudioJob["phases"] = [];
  try {
    const { request, only } = await requestOfContainer(given, process.env, objects.read);
    const { output, runId } = request;
    const job = { request, objects, folder, signal: stop.signal, phases };
    if (only !== undefined) {
      const tell = teller({ runId, phases });
      const indexed = await indexVideos({ ...job, request: { ...request, inputs: [only] }, tell });
      print({ runId, phase: "done", indexed });
      return 0;
    }
    const save = (content: object) => objects.write(`${output}/${runId}/progress.json`, JSON.stringify(content));
    const tell = teller({ runId, phases, save });
    const counts = await runStudio({ ...job, tell });
    await tell("done", 1, 1);
    print({ phase: "done", manifest: `${output}/${runId}/manifest.json`, counts });
    // For Batch, every exit code but 0 is a failure.
    return counts.selected > 0 || process.env.AWS_BATCH_JOB_ID !== undefined ? 0 : NOTHING_SELECTED;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param o.save - writes the progress of a run, which one of many containers of a run does not */
function teller(o: {
  readonly runId: string;
  readonly phases: StudioJob["phases"];
  readonly save?: (content: object) => Promise<void>;
}): StudioJob["tell"] {
  const { runId, phases, save } = o;
  const [fault, phaseOfFault] = (process.env.SANDBOX_WORKER_FAULT ?? "").split(":");
  let latest = "";
  return async (phase, done, of) => {
    stop.signal.throwIfAborted();
    const line = { runId, phase, done, of };
    if (phase !== latest) {
      latest = phase;
      print(line);
      phases.push({ phase, at: Date.now() / 1000 });
      await save?.({ ...line, phases });
    }
    if (fault === "crash" && (phaseOfFault === undefined || phaseOfFault === phase)) {
      throw new Error("The sandbox was told to let it crash.");
    }
    if (fault === "never-ends" && phase === "select") {
      await sleep(2 ** 31 - 1, undefined, { signal: stop.signal });
    }
  };
}

function fail(error: unknown): number {
  const { message } = error as Error;
  const invalid = error instanceof RunRefusal ? ("STUDIO_SPEC_INVALID" as const) : undefined;
  const code = error instanceof StudioRefusal ? error.code : (invalid ?? "STUDIO_SCRIPT_FAILED");
  print({ phase: "failed", code, message });
  return EXIT_CODES[code];
}

process.exitCode = await main();
// Decoder threads may still be running.
process.exit();
