/**
 * The program of the sandbox's stand-in for Lightly Worker, which `docker run ... lightly/worker` starts inside an
 * instance of the sandbox. See `worker-settings.ts` for its arguments and environment.
 */
import { createLightlyApi } from "./lightly-api.ts";
import { workUntilDone } from "./work-loop.ts";
import { readWorkerSettings } from "./worker-settings.ts";

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
  const settings = readWorkerSettings(process.argv.slice(2), process.env);
  const api = createLightlyApi({ server: settings.server, token: settings.token, signal: stop.signal });
  print(`This is the sandbox's stand-in (${settings.mode}), not Lightly Worker; it connects to ${settings.server}.`);
  process.exitCode = await workUntilDone({ api, settings, signal: stop.signal, print });
} catch (error) {
  console.error(`[stand-in worker] ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = stoppedExitCode ?? 1;
}
// Decoder threads may still be running.
process.exit();
