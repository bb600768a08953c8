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
  /** The complete environment; no variable is inherited from the sandbox. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The result of a script. */
export interface ScriptEnd {
  readonly exitCode: number;
  /** The beginning of the output, limited as in the service. */
  readonly stdout: string;
  readonly stderr: string;
  /** Files with the output, up to a size limit. */
  readonly stdoutFile: string;
  readonly stderrFile: string;
}

export interface ScriptRun {
  readonly ended: Promise<ScriptEnd>;
  /** Sends SIGKILL to the script's process group; other processes that have its output open are not awaited. */
  kill(): void;
}

/** Limits of GetCommandInvocation, in characters. */
const STDOUT_CHARACTERS = 24_000;
const STDERR_CHARACTERS = 8_000;

/** Maximum size of each stream on disk, so that an endless output does not fill it. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** After a kill, time in which a process outside the process group may still write to the output. */
const OUTPUT_GRACE_MS = 100;

/**
 * Runs a script as the SSM agent does: the lines in a file `_script.sh`, `sh -c FILE` (so that a `#!` line chooses the
 * interpreter), in a new process group, without standard input. It has ended when the shell has ended *and*
 * every process that inherited its output has closed it.
 */
export function runScript(options: RunScriptOptions): ScriptRun {
  mkdirSync(options.folder, { recursive: true });
  const file = join(options.folder, "_script.sh");
  // Synchronous: a file that is still open for writing in a forked child can't be executed ("text file busy").
  writeFileSync(file, `${options.lines.join("\n")}\n`);
  chmodSync(file, 0o700);
  const child = spawn("sh", ["-c", shellWord(file)], {
    cwd: options.cwd,
    env: { ...options.environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = saveBeginning(child.stdout, join(options.folder, "stdout"), STDOUT_CHARACTERS);
  const stderr = saveBeginning(child.stderr, join(options.folder, "stderr"), STDERR_CHARACTERS);
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
      }, OUTPUT_GRACE_MS);
    },
  };
}

function saveBeginning(stream: Readable, file: string, characters: number): { file: string; text: () => string } {
  const decoder = new StringDecoder("utf8");
  let text = "";
  let saved = 0;
  const copy = openSync(file, "w");
  stream.on("close", () => closeSync(copy));
  stream.on("data", (chunk: Buffer) => {
    if (saved < MAX_FILE_BYTES) {
      saved += writeSync(copy, chunk);
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
