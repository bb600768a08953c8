import { setTimeout as pause } from "node:timers/promises";
import type { FakeClock } from "./fake-clock.ts";

/** Long enough for requests on the loopback interface. On a busy machine more simulated time passes per request, never less. */
const REAL_MS = 8;

/**
 * Lets the time of a manual clock pass for many waits at once, while their requests are answered in real time.
 *
 * @param stepMs - the simulated time per step
 * @param until - ends it: a promise that settles, or a condition
 */
export async function passTime(
  clock: FakeClock,
  stepMs: number,
  until: Promise<unknown> | (() => boolean),
): Promise<void> {
  let isOver = typeof until === "function" ? until : () => false;
  if (typeof until !== "function") {
    const end = (): void => {
      isOver = () => true;
    };
    until.then(end, end);
  }
  while (!isOver()) {
    await pause(REAL_MS);
    clock.advance(stepMs);
  }
}
