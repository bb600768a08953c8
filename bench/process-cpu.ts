import { readFile } from "node:fs/promises";

/** The kernel counts processor time in ticks of 10 ms, on every platform of Linux. */
const TICK_MS = 10;

/** The processor time of a process so far, without its children, in ms; undefined where there is no `/proc`. */
export async function processorMs(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The name of the program, in parentheses, may contain spaces.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields?.[11], fields?.[12]].map(Number);
  return user === undefined || system === undefined || Number.isNaN(user + system)
    ? undefined
    : (user + system) * TICK_MS;
}
