import { setTimeout as pause } from "node:timers/promises";
import { HANG_MS } from "../../support/limits.ts";

const MAX_PAUSE_MS = 100;

/**
 * Resolves when `condition` is true. It is polled, for processes that can't send an event: at first every few milliseconds, later less often,
 * because polling another process takes processor time that it needs itself.
 */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = HANG_MS): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (let ms = 5; !(await condition()); ms = Math.min(ms * 1.3, MAX_PAUSE_MS)) {
    if (Date.now() >= deadline) {
      throw new Error(`It did not happen within ${limitMs / 1000} s: ${condition}`);
    }
    await pause(ms);
  }
}
