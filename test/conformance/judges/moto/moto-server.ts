import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Setup } from "../../judge.ts";
import { judgeEnvironment } from "../../judge-environment.ts";
import { onInterrupt } from "../../on-interrupt.ts";

const START_LIMIT_MS = 60_000;

/** A moto server on a free port of 127.0.0.1. */
export async function startMoto(setup: Setup): Promise<{ endpoint: string; close(): Promise<void> }> {
  const child = spawn(setup.python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    env: judgeEnvironment(setup),
    cwd: setup.folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  const close = async (): Promise<void> => {
    child.kill();
    await exited;
    forget();
  };
  const forget = onInterrupt(close);
  try {
    return { endpoint: await announced(child), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves with the URL that the server prints. Keeps reading, because a full pipe would block the server. */
async function announced(child: ChildProcess & { stderr: NonNullable<ChildProcess["stderr"]> }): Promise<string> {
  const said: string[] = [];
  return await new Promise((resolve, reject) => {
    const fail = (reason: string): void => reject(new Error(`moto ${reason}: ${said.join("\n")}`));
    setTimeout(fail, START_LIMIT_MS, "did not start in time").unref();
    child.once("error", reject);
    child.once("exit", (code) => fail(`ended with ${code}`));
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (said.length < 50) {
        said.push(line);
      }
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (url !== undefined) {
        resolve(url);
      }
    });
  });
}
