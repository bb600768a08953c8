import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";

const starting = new AsyncLocalStorage<Set<ChildProcess>>();
let isWatching = false;

/** The processes that some work has started and that still run. */
export interface StartedProcesses {
  /** Whether one of them still runs. */
  readonly any: boolean;
  /** Asks them all to end; on Linux also what they have started themselves, since a command runs in a shell. */
  end(): void;
}

/**
 * Does some work and notes which processes it starts, however deep inside a library: the SDK does not expose the `credential_process`
 * that it runs, and never ends one that hangs.
 *
 * Node tells of each new process on a channel (`node:diagnostics_channel`, `child_process`), in the context of its starter.
 *
 * @returns what the work returns, and the processes
 */
export function trackProcesses<T>(work: () => Promise<T>): { result: Promise<T>; processes: StartedProcesses } {
  if (!isWatching) {
    isWatching = true;
    subscribe("child_process", (message) => note((message as { process: ChildProcess }).process));
  }
  const running = new Set<ChildProcess>();
  return {
    result: starting.run(running, work),
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

/** Linux lists the children of a process in a file; elsewhere there is none. */
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
    // It has ended meanwhile.
  }
}

function note(started: ChildProcess): void {
  const running = starting.getStore();
  if (running) {
    running.add(started);
    started.once("exit", () => running.delete(started));
    started.once("error", () => running.delete(started));
  }
}
