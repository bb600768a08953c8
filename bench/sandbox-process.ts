import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../scripts/local/package-root.ts";
import type { Bench } from "./benchmark.ts";

const MAIN = join(PACKAGE_ROOT, "sandbox", "src", "main.ts");

/** The name of the state directory of a benchmark's sandbox. */
export const SANDBOX_STATE = "sandbox";

/** How a sandbox behaves: its delays in milliseconds, by name, and its worker. */
export interface Behavior {
  readonly delays?: Readonly<Record<string, number>>;
  readonly worker?: "instant" | "stand-in";
}

/**
 * Starts the sandbox in a separate process, by default without delays and with an instant worker, so that it does not use
 * the benchmark's event loop.
 *
 * @returns its environment variables
 */
export async function startSandboxProcess(
  bench: Bench,
  videosDir: string,
  { delays: chosen = {}, worker = "instant" }: Behavior = {},
): Promise<Readonly<Record<string, string>>> {
  const state = join(bench.folder, SANDBOX_STATE);
  const ports = ["--aws-port", "0", "--lightly-port", "0", "--pexels-port", "0"];
  const delays = ["start", "online", "stop", "delivery", "workerPoll"].flatMap((name) => [
    "--delay",
    `${name}=${chosen[name] ?? 0}`,
  ]);
  const options = ["--state", state, "--videos", videosDir, "--worker", worker, "--quiet"];
  const child = spawn(process.execPath, [MAIN, ...options, ...ports, ...delays], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  bench.defer(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  let output = "";
  const ready = new Promise<void>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("The sandbox is ready")) {
        resolve();
      }
    });
  });
  await Promise.race([ready, ended.then(() => Promise.reject(new Error(`The sandbox did not start: ${output}`)))]);
  return readExports(printed);
}

/** `export NAME=value` lines, the value in single quotes where it needs them. */
function readExports(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, (value ?? "").replaceAll("'", "")]),
  );
}
