import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";

/** A process that did not end with exit code 0. */
export interface FailedProcess {
  /** The command line, if it ran in a shell. */
  readonly command: string;
  /** `exit code 3`, `signal SIGKILL` */
  readonly end: string;
}

interface Tracked {
  readonly running: Set<ChildProcess>;
  failed?: FailedProcess;
}

const starting = new AsyncLocalStorage<Tracked>();
let isWatching = false;

/** The processes that were started by some work and still run. */
export interface StartedProcesses {
  /** Whether any of them still runs. */
  readonly any: boolean;
  /** Terminates all of them; on Linux also their own child processes, because a command runs in a shell. */
  end(): void;
}

/**
 * Runs some work and tracks the processes that it starts, also inside libraries: the SDK does not expose the `credential_process` that it
 * runs, and never ends one that hangs.
 *
 * Node publishes each new process on a channel (`node:diagnostics_channel`, `child_process`), in the async context that started it.
 *
 * @returns the result of the work, and the processes
 */
export function trackProcesses<T>(work: () => Promise<T>): { result: Promise<T>; processes: StartedProcesses } {
  if (!isWatching) {
    isWatching = true;
    subscribe("child_process", (message) => track((message as { process: ChildProcess }).process));
  }
  const running = new Set<ChildProcess>();
  return {
    result: starting.run({ running }, work),
    processes: {
      get any() {
        return running.size > 0;
      },
      end: () => {
        for (const { pid } of running) {
          for (const one of pid === undefined ? [] : [...descendants(pid), pid]) {
            terminate(one);
          }
        }
      },
    },
  };
}

/** The process that failed last in the present work of {@link trackProcesses}. */
export function failedProcess(): FailedProcess | undefined {
  return starting.getStore()?.failed;
}

/** Linux lists the children of a process in a file; other systems do not. */
function descendants(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
    return children.flatMap((child) => [...descendants(child), child]);
  } catch {
    return [];
  }
}

function terminate(pid: number): void {
  try {
    process.kill(pid);
  } catch {
    // It has ended already.
  }
}

function track(started: ChildProcess): void {
  const tracked = starting.getStore();
  if (tracked) {
    const { running } = tracked;
    running.add(started);
    started.once("exit", (code, signal) => {
      running.delete(started);
      if (code !== 0) {
        const end = signal === null ? `exit code ${code}` : `signal ${signal}`;
        tracked.failed = { command: started.spawnargs.at(-1) ?? "", end };
      }
    });
    started.once("error", () => running.delete(started));
  }
}
