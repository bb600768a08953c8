import path from "node:path";
import type { Setup } from "../judge.ts";
import { judgeEnvironment } from "../judge-environment.ts";
import { relay } from "../relay.ts";
import { runProcess } from "../run-process.ts";

const LIMIT_MS = 300_000;

/**
 * Runs a Python program whose lines report checks, and counts them.
 *
 * @param script - relative to the folder of the judges
 */
export async function runChecks(setup: Setup, script: string): Promise<void> {
  const { python: command, tally } = setup;
  const args = [path.join(import.meta.dirname, script)];
  const environment = judgeEnvironment(setup);
  await relay(tally, async (onLine) => {
    const end = await runProcess({ command, args, environment, timeoutMs: LIMIT_MS, onLine });
    process.stderr.write(end.stderr);
    return end.code;
  });
}
