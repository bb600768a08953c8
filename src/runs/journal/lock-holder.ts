import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who has a lock. */
export interface Identity {
  readonly pid: number;
  readonly host: string;
  /** When the process began, by its system's own count; only where that can be read. */
  readonly start?: string;
  /** Which start of the machine it was. */
  readonly boot?: string;
  /** In which the process id counts: each container has one of its own. */
  readonly namespace?: string;
  /** Another one for each that has ever had a lock. */
  readonly nonce?: string;
}

/** What a process knows of itself and of others on its machine. */
export interface ThisProcess {
  identity(): Identity;
  isAlive(pid: number): boolean;
  /** When a process began; undefined where that can't be read. */
  startOf(pid: number): string | undefined;
}

/** The process that this runs in. */
export const thisProcess: ThisProcess = {
  identity: () => {
    const start = startOf(process.pid);
    const boot = read("/proc/sys/kernel/random/boot_id");
    const namespace = pidNamespace();
    return {
      pid: process.pid,
      host: hostname(),
      start,
      boot,
      namespace,
    };
  },
  isAlive: (pid) => {
    try {
      process.kill(pid, 0);
      // Killed, but its parent has not asked for its end yet.
      return statOf(pid)?.[0] !== "Z";
    } catch (error) {
      // Another user's process is one, too.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
  startOf,
};

/** Whether a process is the one that has written its start down, and none that has got its id since. */
export function isSameLife(holder: Identity, start: string | undefined): boolean {
  return holder.start === undefined || start === undefined || holder.start === start;
}

/** Who a file names; undefined when it names no holder, or is not there. */
export function readHolder(path: string): Identity | undefined {
  try {
    const { pid, host, start, boot, namespace, nonce } = JSON.parse(readFileSync(path, "utf8")) as Identity;
    const isWhole = Number.isSafeInteger(pid) && pid > 0 && typeof host === "string" && typeof nonce === "string";
    return isWhole
      ? {
          pid,
          host,
          nonce,
          ...(start !== undefined && { start: String(start) }),
          ...(boot !== undefined && { boot: String(boot) }),
          ...(namespace !== undefined && { namespace: String(namespace) }),
        }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Field 22 of proc(5)'s `stat`: ticks since the machine's start. */
function startOf(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/** The fields from the third one, the state, on. The second one may have spaces and brackets in it. */
function statOf(pid: number): string[] | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function pidNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
