import type { Tally } from "./tally.ts";

/**
 * Counts the checks of a process that prints a line for each: `ok - NAME` or `not ok - NAME`, optionally with `: WHY`.
 *
 * @param run - starts the process, passes its lines, and resolves with its exit code
 */
export async function relay(tally: Tally, run: (onLine: (line: string) => void) => Promise<number>): Promise<void> {
  const failedBefore = tally.failed;
  const code = await run((line) => {
    const [, not, text = ""] = /^(not )?ok - (.*)$/.exec(line) ?? [];
    if (text === "") {
      return;
    }
    if (not === undefined) {
      tally.pass(text);
    } else {
      const at = text.indexOf(": ");
      tally.fail(at < 0 ? text : text.slice(0, at), at < 0 ? "see above" : text.slice(at + 2).replaceAll("\\n", "\n"));
    }
  });
  if (code !== 0 && tally.failed === failedBefore) {
    tally.fail("the session comes to its end", `its process ended with ${code}`);
  }
}
