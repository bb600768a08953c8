import type { Faults } from "./faults/faults.ts";
import type { Delays } from "./instances/delays.ts";

/** What the worker inherits from its instance: where this sandbox is, how to behave, and what is to go wrong. */
export function workerEnvironment(options: {
  readonly endpoints: { readonly aws: string; readonly lightly: string };
  readonly delays: Delays;
  readonly faults: Faults;
  readonly mode: "stand-in" | "instant";
}): Record<string, string> {
  const fault = faultText(options.faults);
  return {
    LIGHTLY_SERVER_LOCATION: options.endpoints.lightly,
    AWS_ENDPOINT_URL: options.endpoints.aws,
    SANDBOX_WORKER_MODE: options.mode,
    SANDBOX_WORKER_POLL_MS: String(options.delays.workerPollMs),
    ...(fault === undefined ? {} : { SANDBOX_WORKER_FAULT: fault }),
  };
}

function faultText({ workerCrash, runNeverEnds }: Faults): string | undefined {
  if (workerCrash !== false) {
    return workerCrash === true ? "crash" : `crash:${workerCrash}`;
  }
  return runNeverEnds ? "never-ends" : undefined;
}

/**
 * Registers the worker that the instances' `run.sh` is to name, with a label, as a user does once before writing that script.
 * @returns its id; always the same, since Lightly identifies workers by name
 */
export async function registerWorker(server: string, token: string): Promise<string> {
  const response = await fetch(`${server}/v1/docker/worker`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: "lightly-worker", workerType: "FULL", labels: ["gpu"] }),
  });
  if (!response.ok) {
    throw new Error(`The sandbox's Lightly API refused to register the worker: HTTP ${response.status}.`);
  }
  return ((await response.json()) as { id: string }).id;
}
