import { match } from "node:assert/strict";
import { until } from "../../nodes/support/until.ts";

/**
 * Waits until Node-RED has logged a text.
 *
 * A line comes through the output of another process: it may come after the response that the same event caused.
 *
 * @param log - Lines of the log so far; grows while Node-RED runs.
 * @param expected - Matched against all lines together.
 * @param from - Index of the first line that counts.
 * @throws AssertionError with the lines if the text does not come.
 */
export async function untilLogged(log: readonly string[], expected: RegExp, from = 0): Promise<void> {
  const logged = (): string => log.slice(from).join("\n");
  await until(() => expected.test(logged())).catch(() => {
    match(logged(), expected);
  });
}
