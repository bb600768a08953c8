import { abortedError } from "../../errors/pipeline-error.ts";

const AT_A_TIME = 6;

const waiting: Array<() => void> = [];
let busy = 0;

/**
 * Waits until fewer than {@link AT_A_TIME} others are at work.
 *
 * @returns gives the turn to the next one; to be called once
 * @throws PipelineError `ABORTED`
 */
export async function takeTurn(signal: AbortSignal): Promise<() => void> {
  if (signal.aborted) {
    throw abortedError(signal.reason);
  }
  if (busy >= AT_A_TIME) {
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(abortedError(signal.reason));
      };
      waiting.push(go);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  } else {
    busy += 1;
  }
  return () => {
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      busy -= 1;
    }
  };
}
