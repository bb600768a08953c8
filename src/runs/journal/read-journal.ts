import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileNameOf } from "./file-name.ts";
import { type JournalRun, parseJournalRun } from "./journal-run.ts";

/** What is found on the disk when Node-RED starts. */
export interface FoundRuns {
  /** The oldest first. */
  readonly runs: readonly JournalRun[];
  /** Files that are left alone, since another version of this package or another user wrote them. */
  readonly untouchable: ReadonlySet<string>;
  /** At most one sentence about each kind of trouble. */
  readonly warnings: readonly string[];
}

/** A file that is being replaced when the process is killed leaves its half-written successor behind. */
const HALF_WRITTEN = /\.json\.tmp-[0-9a-f]+$/;
const HALF_WRITTEN_LASTS_MS = 60_000;
const MAX_NAMES = 5;

/**
 * Reads all runs of a folder. A file that holds none is renamed to `*.damaged`, one of a later version stays as it is, and neither
 * keeps Node-RED from starting. Synchronous: flows must not start before their runs are known.
 *
 * @param isOurs - false: the files are another process's, and none is renamed or removed
 */
export function readJournal(folder: string, isOurs = true): FoundRuns {
  const runs: JournalRun[] = [];
  const damaged: string[] = [];
  const untouchable = new Map<string, string>();
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    return { runs, untouchable: new Set(), warnings: isMissing(error) ? [] : [unreadableFolder(folder, error)] };
  }
  for (const name of names) {
    const path = join(folder, name);
    if (HALF_WRITTEN.test(name)) {
      if (isOurs) {
        removeIfOld(path);
      }
    } else if (name.endsWith(".json")) {
      try {
        const content = parseJournalRun(readFileSync(path, "utf8"));
        if ("run" in content && fileNameOf(content.run.runId) === name) {
          runs.push(content.run);
        } else if ("newer" in content) {
          untouchable.set(name, `is of version ${String(content.newer)}`);
        } else if (isOurs) {
          setAside(path);
          damaged.push(`${name} ${"damage" in content ? content.damage : "is the copy of another file"}`);
        }
      } catch (error) {
        untouchable.set(name, String((error as NodeJS.ErrnoException).code ?? error));
      }
    }
  }
  runs.sort((a, b) => a.startedAt - b.startedAt);
  return { runs, untouchable: new Set(untouchable.keys()), warnings: describe(folder, damaged, untouchable) };
}

function describe(folder: string, damaged: readonly string[], untouchable: ReadonlyMap<string, string>): string[] {
  const warnings: string[] = [];
  if (damaged.length > 0) {
    warnings.push(
      `Run journal: ${damaged.length} of the files in ${folder} can't be used and were set aside as *.damaged: ${list(damaged)}. Look at your instances yourself if a run of theirs was under way.`,
    );
  }
  if (untouchable.size > 0) {
    const names = [...untouchable].map(([name, why]) => `${name} (${why})`);
    warnings.push(
      `Run journal: ${names.length} of the files in ${folder} can't be read and are left alone: ${list(names)}. A later version of this package may have written them, or they belong to another user.`,
    );
  }
  return warnings;
}

function list(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Never over a file that was set aside before. */
function setAside(path: string): void {
  let target = `${path}.damaged`;
  for (let count = 2; statSync(target, { throwIfNoEntry: false }); count += 1) {
    target = `${path}.${count}.damaged`;
  }
  renameSync(path, target);
}

function removeIfOld(path: string): void {
  try {
    if (Date.now() - statSync(path).mtimeMs > HALF_WRITTEN_LASTS_MS) {
      rmSync(path);
    }
  } catch {
    // Gone already, or not ours to remove: it does no harm.
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function unreadableFolder(folder: string, error: unknown): string {
  return `Run journal: ${folder} can't be read (${String((error as NodeJS.ErrnoException).code)}). Runs that were under way when Node-RED ended are not known; look at your instances yourself.`;
}
