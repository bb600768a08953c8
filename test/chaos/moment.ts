import { readdirSync, watch } from "node:fs";
import type { RequestPhase } from "lightly-aws-sandbox";
import type { World } from "./world.ts";

/** When to inject a fault, after it is armed. */
export type Moment =
  | { readonly by: "time"; readonly ms: number }
  /** When the n-th write to the journal of the round's runs has started, or is done. */
  | {
      readonly by: "journal";
      readonly nth: number;
      readonly phase: "started" | "done";
      /** Includes runs that already have a file. */
      readonly ofEarlier?: true;
    }
  /** At the n-th request of an operation: the sandbox has it, has done it but not said so, or has said so. */
  | {
      readonly by: "request";
      readonly operation: string;
      readonly nth: number;
      readonly phase: Exclude<RequestPhase, "broken">;
      readonly delayMs: number;
    }
  /** While Node-RED starts, so many milliseconds after it has read its settings. */
  | { readonly by: "start"; readonly ms: number };

/** Describes a moment. */
export function describeMoment(moment: Moment): string {
  switch (moment.by) {
    case "time":
      return `${Math.round(moment.ms)} ms after the trigger`;
    case "journal":
      return `journal write ${moment.nth} ${moment.phase}`;
    case "request":
      return `${moment.operation} #${moment.nth} ${moment.phase}${moment.delayMs > 0 ? ` + ${Math.round(moment.delayMs)} ms` : ""}`;
    case "start":
      return `${Math.round(moment.ms)} ms into the start`;
  }
}

/** A fault that is injected at its moment. */
export interface Injection {
  /** Resolves when the fault is injected. */
  readonly injected: Promise<void>;
  /** Does not wait any longer. */
  cancel(): void;
}

/** Injects a fault at a moment, in the same turn of the event loop. */
export function injectAt(world: World, moment: Moment, fault: () => void | Promise<void>): Injection {
  const { promise: injected, resolve, reject } = Promise.withResolvers<void>();
  let isOver = false;
  let disarm = (): void => {};
  const inject = (): void => {
    if (!isOver) {
      isOver = true;
      disarm();
      Promise.resolve(fault()).then(resolve, reject);
    }
  };
  disarm = arm(world, moment, inject);
  return {
    injected,
    cancel() {
      isOver = true;
      disarm();
    },
  };
}

function arm(world: World, moment: Moment, inject: () => void): () => void {
  switch (moment.by) {
    case "time":
    case "start": {
      const timer = setTimeout(inject, moment.ms);
      return () => clearTimeout(timer);
    }
    case "journal":
      return watchJournal(
        world.journalDir,
        ({ phase, nth }) => {
          if (phase === moment.phase && nth === moment.nth) {
            inject();
          }
        },
        moment.ofEarlier,
      );
    case "request": {
      let seen = 0;
      let timer: NodeJS.Timeout | undefined;
      const forget = world.onRequest(({ operation, phase }) => {
        if (operation !== moment.operation || phase !== moment.phase) {
          return;
        }
        seen += 1;
        if (seen !== moment.nth) {
          return;
        }
        if (moment.delayMs > 0) {
          timer = setTimeout(inject, moment.delayMs);
        } else {
          inject();
        }
      });
      return () => {
        forget();
        clearTimeout(timer);
      };
    }
  }
}

/** A write to a file of the journal: a temporary file is written and then renamed, or a line is appended, which starts and ends at once. */
export interface JournalWrite {
  readonly nth: number;
  readonly phase: "started" | "done";
}

/** Watches the writes of runs that have no file yet. Files of earlier runs are ignored, unless requested. */
export function watchJournal(folder: string, onWrite: (write: JournalWrite) => void, ofEarlier = false): () => void {
  const earlier = new Set(ofEarlier ? [] : readdirSync(folder));
  const temporary = new Set<string>();
  const count = { started: 0, done: 0 };
  const report = (phase: JournalWrite["phase"]): void => {
    count[phase] += 1;
    onWrite({ phase, nth: count[phase] });
  };
  const watcher = watch(folder, (event, name) => {
    const file = /^(.*\.json)(\.tmp-\w+)?$/.exec(name ?? "");
    if (name === null || file === null || earlier.has(file[1] ?? "")) {
      return;
    }
    const isTemporary = file[2] !== undefined;
    if (event === "rename" && !isTemporary) {
      report("done");
    } else if (event === "rename" && !temporary.has(name)) {
      temporary.add(name);
      report("started");
    } else if (event === "change" && !isTemporary) {
      report("started");
      report("done");
    }
  });
  return () => watcher.close();
}
