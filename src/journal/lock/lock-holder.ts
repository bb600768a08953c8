import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process that has a lock. */
export interface Identity {
  readonly pid: number;
  readonly host: string;
  /** The start time of the process in the unit of the system. Absent if it can't be read. */
  readonly start?: string;
  /** Identifies the boot of the machine. */
  readonly boot?: string;
  /** The namespace of the process id: each container has its own. */
  readonly namespace?: string;
  /** Unique for each acquired lock. */
  readonly nonce?: string;
}

/** The access of a process to information about itself and other processes of its machine. */
export interface ThisProcess {
  identity(): Identity;
  isAlive(pid: number): boolean;
  /** The start time of a process; undefined if it can't be read. */
  startOf(pid: number): string | undefined;
}

/** The current process. */
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
      // A zombie: it has ended, but its parent has not read its exit status yet.
      return statOf(pid)?.[0] !== "Z";
    } catch (error) {
      // The process exists, and belongs to another user.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
  startOf,
};

/** Whether a process is the one that took the lock, and not a later one with the same id. */
export function isSameProcess(holder: Identity, start: string | undefined): boolean {
  return holder.start === undefined || start === undefined || holder.start === start;
}

/** Reads the holder from a file; undefined if there is no file, or no holder in it. */
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

/** Field 22 of `stat` in proc(5): ticks since boot. */
function startOf(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

/** Returns the fields from the third one (the state). The second one may contain spaces and parentheses. */
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
