import { setTimeout as pause } from "node:timers/promises";

/** Resolves when `condition` holds, which is looked at every few milliseconds; for what a process does that can't tell us. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() >= deadline) {
      throw new Error(`It did not happen within ${limitMs / 1000} s: ${condition}`);
    }
    await pause(5);
  }
}
