import { setTimeout as sleepFor } from "node:timers/promises";
import { type Clock, systemClock } from "./clock.ts";

/** The system clock, with sleeps that do not keep the process alive. */
export const backgroundClock: Clock = {
  ...systemClock,
  sleep: async (ms, signal) => {
    await sleepFor(ms, undefined, { signal, ref: false });
  },
};
