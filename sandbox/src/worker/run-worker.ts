import { createLightlyApi } from "./lightly-api.ts";
import { workUntilDone } from "./work-loop.ts";
import { readWorkerSettings } from "./worker-settings.ts";

/**
 * Runs the stand-in for Lightly Worker until it is done.
 *
 * @param args - what follows the image name in `docker run`; see {@link readWorkerSettings}
 * @param options.print - receives its log, line by line
 * @returns its exit code
 * @throws as {@link readWorkerSettings} and {@link workUntilDone}
 */
export async function runWorker(
  args: readonly string[],
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly signal: AbortSignal;
    readonly print: (line: string) => void;
  },
): Promise<number> {
  const { environment, signal, print } = options;
  const settings = readWorkerSettings(args, environment);
  const api = createLightlyApi({ server: settings.server, token: settings.token, signal });
  print(`This is the sandbox's stand-in (${settings.mode}), not Lightly Worker; it connects to ${settings.server}.`);
  return await workUntilDone({ api, settings, signal, print });
}
