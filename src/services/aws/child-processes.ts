import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";

const starting = new AsyncLocalStorage<Set<ChildProcess>>();
let isWatching = false;

/** The processes that some work has started and that still run. */
export interface StartedProcesses {
  /** Whether one of them still runs. */
  readonly any: boolean;
  /** Asks them all to end. */
  end(): void;
}

/**
 * Does some work and notes which processes it starts, however deep inside a library: the SDK gives nobody the `credential_process`
 * that it runs, and never ends one that hangs.
 *
 * Node tells of each new process on a channel (`node:diagnostics_channel`, `child_process`), in the context of its starter.
 *
 * @returns what the work returns, and the processes
 */
export function notingProcesses<T>(work: () => Promise<T>): { result: Promise<T>; processes: StartedProcesses } {
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
        for (const process of running) {
          process.kill();
        }
      },
    },
  };
}

function note(process: ChildProcess): void {
  const running = starting.getStore();
  if (running) {
    running.add(process);
    process.once("exit", () => running.delete(process));
    process.once("error", () => running.delete(process));
  }
}
