import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Every process on an instance inherits this variable, which identifies it as a process of that instance. */
export const MARKER_VARIABLE = "SANDBOX_INSTANCE_MARK";

/** The marker of the instance whose disk is `folder`; the same for every sandbox with that state directory. */
export function instanceMark(folder: string): string {
  return createHash("sha256").update(folder).digest("hex").slice(0, 32);
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly marked: boolean;
}

/**
 * The processes of an instance: those with its mark, their descendants, and all processes in a process group with
 * them. `setsid`, `nohup` and double forks do not hide a process, unless it also clears its environment, leaves its group and
 * loses its parent.
 */
export function instanceProcesses(mark: string): number[] {
  const rows = process.platform === "linux" ? readProc(mark) : readPs(mark);
  const found = new Map<number, ProcessRow>();
  const groups = new Set<number>();
  const ownGroup = rows.find((row) => row.pid === process.pid)?.group;
  let before = -1;
  while (found.size !== before) {
    before = found.size;
    for (const row of rows) {
      if (row.pid !== process.pid && (row.marked || found.has(row.parent) || groups.has(row.group))) {
        found.set(row.pid, row);
        if (row.group !== ownGroup) {
          groups.add(row.group);
        }
      }
    }
  }
  return [...found.keys()];
}

/** Whether a process of the instance still runs, and its id does not belong to a later process. */
export function isProcessOf(mark: string, pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // An ended process whose parent has not read its exit code has no environment any more.
  return process.platform !== "linux" || environHas(String(pid), `${MARKER_VARIABLE}=${mark}`);
}

/** Sends a signal to each process; processes that have ended are ignored. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
        throw error;
      }
    }
  }
}

/** The exit code that a shell shows for a process that has ended. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** Sends SIGKILL to the instance's processes until none is left, including those that were forked in the meantime. */
export async function killInstanceProcesses(mark: string): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    const alive = instanceProcesses(mark);
    if (alive.length === 0) {
      return;
    }
    signalAll(alive, "SIGKILL");
    await sleep(Math.min(5 * (round + 1), 50));
  }
  throw new Error(`Processes ${instanceProcesses(mark).join(", ")} of an instance did not end after SIGKILL.`);
}

function readProc(mark: string): ProcessRow[] {
  const rows: ProcessRow[] = [];
  const wanted = `${MARKER_VARIABLE}=${mark}`;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) {
      continue;
    }
    try {
      // "pid (any (text)) S parent group session ..."
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z") {
        continue;
      }
      rows.push({ pid: Number(name), parent: Number(parent), group: Number(group), marked: environHas(name, wanted) });
    } catch {
      // It has ended in the meantime.
    }
  }
  return rows;
}

function environHas(pid: string, wanted: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(wanted);
  } catch {
    return false; // A process of another user.
  }
}

/** macOS and the BSDs: `ps -E` (or `-e`) appends the environment to the command. */
function readPs(mark: string): ProcessRow[] {
  const withEnvironment = process.platform === "darwin" ? "-axwwE" : "-axwwe";
  const text = execFileSync("ps", [withEnvironment, "-o", "pid=,ppid=,pgid=,stat=,command="], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (match === null || match[4]?.startsWith("Z")) {
      return [];
    }
    const marked = match[5]?.includes(`${MARKER_VARIABLE}=${mark}`) ?? false;
    return [{ pid: Number(match[1]), parent: Number(match[2]), group: Number(match[3]), marked }];
  });
}
