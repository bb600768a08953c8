import { deepEqual } from "node:assert/strict";
import { RunJournal } from "../../src/journal/run-journal.ts";
import { RunRegistry, type RunRegistryOptions } from "../../src/runs/run-registry.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

/** Consecutive processes of one Node-RED, with the same folder and clock. */
export interface Restarts {
  readonly path: string;
  readonly time: FakeClock;
  /** A new process before its flows start. */
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
