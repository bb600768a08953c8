import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { exitCodeOf } from "../../instances/processes.ts";
import { type RunningContainer, StartFailure } from "./container.ts";
import { splitLines } from "./line-splitter.ts";

export interface ProcessOptions {
  readonly argv: readonly [string, ...string[]];
  /** A new folder, which is removed at the end. */
  readonly folder: string;
  /** The complete environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/**
 * Runs a container as a process group of this computer. As a container, it ends with its first process.
 *
 * @throws StartFailure when the program does not exist
 */
export function startProcess({ argv, folder, environment, onLine }: ProcessOptions): RunningContainer {
  const [program, ...rest] = argv;
  if (!exists(program, environment.PATH ?? "")) {
    throw new StartFailure(
      `CannotStartContainerError: Error response from daemon: failed to create task for container: exec: "${program}": executable file not found in $PATH`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...environment },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  splitLines(child.stdout, onLine);
  splitLines(child.stderr, onLine);
  const ended = new Promise<{ exitCode: number }>((resolve) => {
    child.once("error", (error) => {
      onLine(error.message);
      resolve({ exitCode: 127 });
    });
    child.once("exit", () => signalGroup(child, "SIGKILL"));
    child.once("close", (code, signal) => resolve({ exitCode: exitCodeOf(code, signal) }));
  });
  void ended.then(() => rmSync(folder, { recursive: true, force: true }));
  return { ended, signal: (name) => signalGroup(child, name) };
}

function exists(program: string, path: string): boolean {
  const candidates = program.includes("/") ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  return candidates.some((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) {
      process.kill(-pid, name);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}
