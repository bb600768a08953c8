import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { onInterrupt } from "./on-interrupt.ts";

/** A process with a time limit and exactly the given environment. */
export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Default: 120,000. After it, SIGKILL and an exit code of 137. */
  readonly timeoutMs?: number;
  /** Called with each line of standard output. */
  readonly onLine?: (line: string) => void;
}

/** The exit code and the output of a process. */
export interface ProcessEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a process to its end; rejects only when it can't be started. */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd> {
  const { command, args, environment, cwd, timeoutMs = 120_000, onLine } = options;
  const child = spawn(command, args, {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    ...(cwd !== undefined && { cwd }),
  });
  const forget = onInterrupt(() => child.kill("SIGKILL"));
  if (onLine) {
    createInterface({ input: child.stdout }).on("line", onLine);
  }
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]).finally(forget);
  return { code: code ?? 137, stdout, stderr };
}
