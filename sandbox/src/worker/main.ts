/**
 * The program of the sandbox's stand-in for Lightly Worker, which `docker run ... lightly/worker` starts inside an
 * instance of the sandbox. See `worker-settings.ts` for its arguments and environment.
 */
import { runWorker } from "./run-worker.ts";

const EXIT_CODES = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;

const stop = new AbortController();
let stoppedExitCode: number | undefined;
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => {
    stoppedExitCode = EXIT_CODES[signal];
    stop.abort(new Error(`The worker was stopped by ${signal}.`));
  });
}

const print = (line: string): void => {
  console.log(`[stand-in worker] ${line}`);
};

try {
  process.exitCode = await runWorker(process.argv.slice(2), { environment: process.env, signal: stop.signal, print });
} catch (error) {
  console.error(`[stand-in worker] ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = stoppedExitCode ?? 1;
}
// Decoder threads may still be running.
process.exit();
