import { until } from "../nodes/support/until.ts";

/**
 * Repeats an assertion until it passes, for a state that comes a moment after what caused it: another process draws or saves it.
 *
 * @throws the last error of the assertion if it never passes
 */
export async function untilPassed(assertion: () => void | Promise<void>): Promise<void> {
  let failure: unknown;
  await until(async () => {
    try {
      await assertion();
      return true;
    } catch (error) {
      failure = error;
      return false;
    }
  }).catch(() => {
    throw failure;
  });
}
