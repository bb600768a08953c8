import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { findPython, type Python, PythonMissing, type PythonRange } from "../../scripts/local/find-python.ts";
import { runProcess } from "./run-process.ts";

/** A judge can't be set up: no suitable Python, or no package index. Outside of CI that is not a failure. */
export class JudgeUnavailable extends Error {
  override readonly name = "JudgeUnavailable";
}

const FOLDER = path.join(import.meta.dirname, "../../.venv");

/** The environments that are being made: several judges use one at the same time. */
const made = new Map<string, Promise<void>>();

/**
 * The interpreter of a virtual environment with exactly the packages of a file in `test/conformance`. Created once per content of the file
 * and version of Python, in `.venv`.
 *
 * @throws JudgeUnavailable
 */
export async function pythonEnvironment(
  requirements: string,
  range: PythonRange,
  log: (line: string) => void,
): Promise<string> {
  const file = path.join(import.meta.dirname, requirements);
  const { command, version } = await suitablePython(range);
  const hash = createHash("sha256")
    .update(await readFile(file))
    .update(version)
    .digest("hex");
  const folder = path.join(FOLDER, hash.slice(0, 16));
  const python = path.join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  let making = made.get(folder);
  if (making === undefined) {
    making = make({
      command,
      folder,
      python,
      file,
      log: () => log(`      making a Python ${version} environment from ${requirements}`),
    });
    made.set(folder, making);
  }
  await making;
  return python;
}

/** Makes an environment, unless an earlier run has completed it. @throws JudgeUnavailable */
async function make(o: {
  readonly command: string;
  readonly folder: string;
  readonly python: string;
  readonly file: string;
  readonly log: () => void;
}): Promise<void> {
  const { command, folder, python, file, log } = o;
  const complete = path.join(folder, "complete");
  if ((await exists(complete)) && (await exists(python))) {
    return;
  }
  log();
  await rm(folder, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  await prepare(command, ["-m", "venv", folder]);
  await prepare(python, ["-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "-r", file]);
  await writeFile(complete, "");
}

/** @throws JudgeUnavailable */
async function suitablePython(range: PythonRange): Promise<Python> {
  return await findPython(range).catch((error: unknown) => {
    throw error instanceof PythonMissing ? new JudgeUnavailable(`needs ${error.message}`) : error;
  });
}

async function prepare(command: string, args: readonly string[]): Promise<void> {
  // The user's environment, which may set a package index or a proxy.
  const { code, stderr } = await runProcess({ command, args, environment: process.env, timeoutMs: 1_800_000 });
  if (code !== 0) {
    const reason = stderr.trim().split("\n").slice(-3).join("\n");
    throw new JudgeUnavailable(`its packages could not be installed (is the package index reachable?): ${reason}`);
  }
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
