import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Sandbox } from "lightly-aws-sandbox";
import { WORKER_PROGRAM } from "lightly-aws-sandbox/worker";
import { HANG_MS } from "../../support/limits.ts";

/**
 * Runs a worker process that processes one scheduled run and ends, as with `shutdownWhenJobFinished`. If it can't process the run, it exits
 * with code 1, which the flow under test must report.
 */
export async function workOnce({ endpoints, token }: Sandbox, mode: "stand-in" | "instant" = "instant"): Promise<void> {
  const env = {
    ...process.env,
    LIGHTLY_TOKEN: token,
    LIGHTLY_SERVER_LOCATION: endpoints.lightly,
    SANDBOX_WORKER_MODE: mode,
    SANDBOX_WORKER_POLL_MS: "20",
  };
  await promisify(execFile)(process.execPath, [WORKER_PROGRAM], { env, timeout: HANG_MS }).catch(
    (error: { code?: unknown }) => {
      if (error.code !== 1) {
        throw error;
      }
    },
  );
}
