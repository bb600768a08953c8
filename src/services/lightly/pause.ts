import { abortedError } from "../../errors/pipeline-error.ts";
import type { Clock } from "../../polling/clock.ts";

/** Sleeps `ms` milliseconds. @throws PipelineError `ABORTED` */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    throw signal.aborted ? abortedError(signal.reason) : error;
  }
}
