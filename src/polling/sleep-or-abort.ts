import { abortedError } from "../errors/pipeline-error.ts";
import type { Clock } from "./clock.ts";

/** Sleeps `ms` milliseconds; throws PipelineError `ABORTED` when the signal ends the sleep. */
export async function sleepOrAbort(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    throw signal.aborted ? abortedError(signal.reason) : error;
  });
}
