import { setTimeout as pause } from "node:timers/promises";

/** Resolves when `condition` is true. It is polled every few milliseconds, for processes that can't send an event. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() >= deadline) {
      throw new Error(`It did not happen within ${limitMs / 1000} s: ${condition}`);
    }
    await pause(5);
  }
}
