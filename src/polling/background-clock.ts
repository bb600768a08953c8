import { type Clock, sleepUntilAborted, startTimer, systemClock } from "./clock.ts";

/** The system clock, with timers that do not keep the process alive. */
export const backgroundClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => sleepUntilAborted(ms, signal, false),
  alarm: (ms, ring) => (Number.isFinite(ms) ? startTimer(ms, ring, false) : () => undefined),
};
