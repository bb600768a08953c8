import type { Clock } from "../../../src/polling/clock.ts";

/** A clock on which every sleep is over at once, and moves the time on by its length. */
export function immediateClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    wallNow: () => now,
    // No look takes any time on this clock.
    alarm: () => () => undefined,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      slept.push(ms);
      now += ms;
    },
  };
}
