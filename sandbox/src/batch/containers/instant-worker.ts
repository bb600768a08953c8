import { createLightlyApi } from "../../worker/lightly-api.ts";
import { workUntilDone } from "../../worker/work-loop.ts";
import { readWorkerSettings } from "../../worker/worker-settings.ts";
import type { RunningContainer } from "./container.ts";

const EXIT_CODES = { SIGTERM: 143, SIGKILL: 137 } as const;

/**
 * The worker in its instant mode, which decodes nothing, without a process: thousands of containers take seconds and not the start of as many
 * processes.
 */
export function startInstantWorker(options: {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}): RunningContainer {
  const stop = new AbortController();
  const kill = Promise.withResolvers<{ exitCode: number }>();
  let stoppedExitCode: number | undefined;
  const print = (line: string): void => options.onLine(`[stand-in worker] ${line}`);
  const work = async (): Promise<{ exitCode: number }> => {
    try {
      const settings = readWorkerSettings(options.args, options.environment);
      const api = createLightlyApi({ server: settings.server, token: settings.token, signal: stop.signal });
      print(
        `This is the sandbox's stand-in (${settings.mode}), not Lightly Worker; it connects to ${settings.server}.`,
      );
      return { exitCode: await workUntilDone({ api, settings, signal: stop.signal, print }) };
    } catch (error) {
      print(error instanceof Error ? error.message : String(error));
      return { exitCode: stoppedExitCode ?? 1 };
    }
  };
  return {
    ended: Promise.race([work(), kill.promise]),
    signal(name) {
      stoppedExitCode ??= EXIT_CODES[name];
      stop.abort(new Error(`The worker was stopped by ${name}.`));
      if (name === "SIGKILL") {
        kill.resolve({ exitCode: EXIT_CODES.SIGKILL });
      }
    },
  };
}
