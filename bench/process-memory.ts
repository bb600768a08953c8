import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const SAMPLE_EACH_MS = 50;

/** The resident memory of a process, in MiB. */
export async function residentMib(pid: number): Promise<number> {
  return (
    (await statusField(pid, "VmRSS")) ??
    Number((await promisify(execFile)("ps", ["-o", "rss=", "-p", `${pid}`])).stdout) / 1024
  );
}

/** The peak memory of a process since its start, in MiB; undefined where the kernel does not record it. */
export async function peakMib(pid: number): Promise<number | undefined> {
  return await statusField(pid, "VmHWM");
}

/**
 * Watches a process's memory. Where the kernel records the peak (Linux), no peak is missed; elsewhere it is sampled.
 *
 * @returns a function that ends the measurement and returns the difference of peak and start in MiB
 */
export async function watchMemory(pid: number): Promise<() => Promise<number>> {
  // "5" resets the peak of the resident size.
  const recordsPeak = await writeFile(`/proc/${pid}/clear_refs`, "5").then(
    () => true,
    () => false,
  );
  const before = await residentMib(pid);
  let peak = before;
  const look = async (): Promise<void> => {
    peak = Math.max(peak, await residentMib(pid).catch(() => 0));
  };
  const timer = setInterval(() => void look(), SAMPLE_EACH_MS).unref();
  return async () => {
    clearInterval(timer);
    await look();
    const recorded = recordsPeak ? ((await statusField(pid, "VmHWM")) ?? 0) : 0;
    return Math.max(peak, recorded) - before;
  };
}

async function statusField(pid: number, field: "VmRSS" | "VmHWM"): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}
