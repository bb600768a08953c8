import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { JudgeUnavailable, pythonEnvironment } from "../../test/conformance/python-environment.ts";
import type { Bench } from "../benchmark.ts";

const REQUIREMENTS = join("..", "..", "bench", "orchestration", "requirements-dagster.txt");
const SCRIPT = join(import.meta.dirname, "dagster_peer.py");

/** One run of a job, in ms. */
export interface PeerRun {
  readonly wallMs: number;
  readonly processorMs: number;
}

/** The Python with Dagster; undefined, with a line, where Python or its packages are missing. */
export async function dagsterPython(): Promise<string | undefined> {
  try {
    return await pythonEnvironment(REQUIREMENTS, { least: 10 }, (line) => console.error(line));
  } catch (error) {
    if (!(error instanceof JudgeUnavailable)) {
      throw error;
    }
    console.log(`  without Dagster: ${error.message}`);
    return undefined;
  }
}

/** Runs the example's steps as a Dagster job, twice in one process. Returns the second run. */
export async function warmDagsterRun(
  { folder, signal }: Bench,
  python: string,
  environment: Readonly<Record<string, string>>,
): Promise<PeerRun> {
  const env = { ...process.env, ...environment, DAGSTER_HOME: folder };
  const { stdout } = await promisify(execFile)(python, [SCRIPT, "2"], { env, signal });
  const [, [wall = 0, processor = 0] = []] = JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as number[][];
  return { wallMs: wall * 1000, processorMs: processor * 1000 };
}
