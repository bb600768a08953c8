import { deepEqual } from "node:assert/strict";
import { RunJournal } from "../../src/runs/journal/run-journal.ts";
import { RunRegistry, type RunRegistryOptions } from "../../src/runs/run-registry.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

/** Processes of one Node-RED, one after the other, which have a folder and a clock in common. */
export interface Restarts {
  readonly path: string;
  readonly time: FakeClock;
  /** What a new process finds, before its flows start. */
  readonly restart: (options?: RunRegistryOptions) => RunRegistry;
}

export function useRestarts(): Restarts {
  const folder = useTemporaryFolder();
  let time = new FakeClock();
  beforeEach(() => {
    time = new FakeClock();
  });
  return {
    get path() {
      return folder.path;
    },
    get time() {
      return time;
    },
    restart: (options = {}) => {
      const runs = new RunRegistry({ now: time.now, later: time.alarm, ...options });
      const trouble: string[] = [];
      runs.attach(new RunJournal({ folder: folder.path, warn: (text) => trouble.push(text) }));
      deepEqual(trouble, []);
      return runs;
    },
  };
}
