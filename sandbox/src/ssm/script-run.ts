import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { exitCodeOf } from "../instances/processes.ts";
import { shellWord } from "../instances/shims.ts";

export interface RunScriptOptions {
  /** A new folder for the script and its output. */
  readonly folder: string;
  readonly lines: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited from the sandbox. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What has become of a script. */
export interface ScriptEnd {
  readonly exitCode: number;
  /** The beginning of what was written, as much as the service shows. */
  readonly stdout: string;
  readonly stderr: string;
  /** Files with (nearly) all of it. */
  readonly stdoutFile: string;
  readonly stderrFile: string;
}

export interface ScriptRun {
  readonly ended: Promise<ScriptEnd>;
  /** SIGKILLs the script's process group, and waits no longer for who else holds its output open. */
  kill(): void;
}

/** What GetCommandInvocation shows, in characters. */
const STDOUT_CHARACTERS = 24_000;
const STDERR_CHARACTERS = 8_000;

/** What is kept of each stream on disk, so that an endless one does not fill it. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** After a kill, how long a holder of the output outside the process group may still write. */
const LAST_WORDS_MS = 100;

/**
 * Runs a script as the SSM agent does: the lines in a file `_script.sh`, `sh -c FILE` (so that a `#!` line chooses the
 * interpreter), leading a process group of its own, no standard input. It has ended when the shell is gone *and*
 * everybody who inherited its output has closed it.
 */
export function runScript(options: RunScriptOptions): ScriptRun {
  mkdirSync(options.folder, { recursive: true });
  const file = join(options.folder, "_script.sh");
  // Synchronously: a file still open for writing in a forked child could not be executed ("text file busy").
  writeFileSync(file, `${options.lines.join("\n")}\n`);
  chmodSync(file, 0o700);
  const child = spawn("sh", ["-c", shellWord(file)], {
    cwd: options.cwd,
    env: { ...options.environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = keepBeginning(child.stdout, join(options.folder, "stdout"), STDOUT_CHARACTERS);
  const stderr = keepBeginning(child.stderr, join(options.folder, "stderr"), STDERR_CHARACTERS);
  const files = { stdoutFile: stdout.file, stderrFile: stderr.file };
  const ended = new Promise<ScriptEnd>((resolve) => {
    child.once("error", (error) => {
      resolve({ exitCode: 1, stdout: stdout.text(), stderr: `failed to run commands: ${error.message}`, ...files });
    });
    child.once("close", (code, signal) => {
      resolve({ exitCode: exitCodeOf(code, signal), stdout: stdout.text(), stderr: stderr.text(), ...files });
    });
  });
  return {
    ended,
    kill() {
      killGroup(child);
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, LAST_WORDS_MS);
    },
  };
}

function keepBeginning(stream: Readable, file: string, characters: number): { file: string; text: () => string } {
  const decoder = new StringDecoder("utf8");
  let text = "";
  let kept = 0;
  const copy = openSync(file, "w");
  stream.on("close", () => closeSync(copy));
  stream.on("data", (chunk: Buffer) => {
    if (kept < KEPT_BYTES) {
      kept += writeSync(copy, chunk);
    }
    if (text.length < characters) {
      text += decoder.write(chunk);
    }
  });
  return { file, text: () => text.slice(0, characters) };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}
