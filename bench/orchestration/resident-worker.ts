import { statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runWorker } from "lightly-aws-sandbox/worker";
import type { Bench } from "../benchmark.ts";
import type { Environment } from "./direct-pipeline.ts";

/**
 * Runs an instant worker in the benchmark's own process for each call of the instance's script. The sandbox would start two processes for it. That takes
 * 130 ms, behind which a pipeline that is still doing something else hides its own time.
 *
 * @returns the environment with that script
 */
export function withResidentWorker(bench: Bench, environment: Environment): Environment {
  const calls = join(bench.folder, "calls");
  const script = join(bench.folder, "call-worker.sh");
  writeFileSync(calls, "");
  writeFileSync(script, `echo >>'${calls}'\n`);
  const workerEnvironment = { ...environment, SANDBOX_WORKER_MODE: "instant", SANDBOX_WORKER_POLL_MS: "5" };
  let seen = 0;
  // There may be several events for one call.
  const watcher = watch(calls, () => {
    const { size } = statSync(calls);
    if (size > seen) {
      seen = size;
      runWorker(["worker.name=lightly-worker"], {
        environment: workerEnvironment,
        signal: bench.signal,
        print: () => {},
      }).catch((error: unknown) => bench.say(`the worker failed: ${String(error)}`));
    }
  });
  bench.defer(async () => watcher.close());
  return { ...environment, PIPELINE_SCRIPT: script };
}
