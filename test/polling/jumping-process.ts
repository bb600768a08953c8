import { PipelineError } from "../../src/errors/pipeline-error.ts";
import { eagerDelay } from "../../src/polling/delay.ts";
import { pollUntil } from "../../src/polling/poll-until.ts";

/**
 * A process whose date jumps during two waits: one that reaches its limit, and one that would end only by the date. Prints their results as
 * JSON.
 *
 * @argument the number of days by which the date jumps
 */
const jumpMs = Number(process.argv[2]) * 86_400_000;
const RealDate = Date;

function jump(): void {
  const now = RealDate.now.bind(RealDate);
  globalThis.Date = class extends RealDate {
    constructor(...args: [] | [number | string | Date]) {
      super(...((args.length === 0 ? [now() + jumpMs] : args) as [number]));
    }
    static override now(): number {
      return now() + jumpMs;
    }
  } as DateConstructor;
}

async function wait(timeoutMs: number, looks: number) {
  globalThis.Date = RealDate;
  const startedAt = performance.now();
  let look = 0;
  const outcome = await pollUntil<string>({
    goal: "the lamp to be lit",
    check: async () => {
      look += 1;
      if (look === 2) {
        jump();
      }
      return look < looks ? { wait: "dark" } : { done: "lit" };
    },
    delay: eagerDelay(100),
    timeoutMs,
    signal: new AbortController().signal,
  }).catch((error: unknown) => (error instanceof PipelineError ? error.message : String(error)));
  return { outcome, tookMs: performance.now() - startedAt };
}

const limited = await wait(500, Number.POSITIVE_INFINITY);
const long = await wait(48 * 3_600_000, 4);
process.stdout.write(JSON.stringify({ limited, long }));
