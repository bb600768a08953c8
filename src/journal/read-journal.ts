import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JournalRun } from "./journal-run.ts";
import { readRunLines } from "./run-lines.ts";

/** The runs that are on disk when Node-RED starts. */
interface FoundRuns {
  /** Oldest first. */
  readonly runs: readonly JournalRun[];
  /** Files that must not be changed: another version of this package or another user has written them. */
  readonly untouchable: ReadonlySet<string>;
  /** At most one per kind of problem. */
  readonly warnings: readonly string[];
}

/** A process that is killed while it replaces a file leaves a temporary file. */
const TEMPORARY = /\.json\.tmp-[0-9a-f]+$/;
const TEMPORARY_MAX_AGE_MS = 60_000;
const MAX_NAMES = 5;

/**
 * Reads all runs of a folder. A damaged file is renamed to `*.damaged`, a file of a later version stays as it is, and neither prevents
 * Node-RED from starting. Synchronous, because flows must not start before their runs are known.
 *
 * @param isOwned - false: another process owns the files, and none is renamed or removed
 */
export function readJournal(folder: string, isOwned = true): FoundRuns {
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
    if (TEMPORARY.test(name)) {
      if (isOwned) {
        removeIfOld(path);
      }
    } else if (name.endsWith(".json")) {
      try {
        const content = readRunLines(readFileSync(path, "utf8"));
        if ("run" in content && fileNameOf(content.run.runId) === name) {
          runs.push(content.run);
        } else if ("newer" in content) {
          untouchable.set(name, `is of version ${String(content.newer)}`);
        } else if (isOwned) {
          renameDamaged(path);
          damaged.push(`${name} ${"damage" in content ? content.damage : "is a copy of another file"}`);
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
      `Run journal: ${damaged.length} of the files in ${folder} can't be used and were renamed to *.damaged: ${list(damaged)}. Check your instances in the EC2 console if one of their runs was active.`,
    );
  }
  if (untouchable.size > 0) {
    const names = [...untouchable].map(([name, why]) => `${name} (${why})`);
    warnings.push(
      `Run journal: ${names.length} of the files in ${folder} can't be read and were not changed: ${list(names)}. A later version of this package may have written them, or they belong to another user.`,
    );
  }
  return warnings;
}

function list(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Never overwrites an older damaged file. */
function renameDamaged(path: string): void {
  let target = `${path}.damaged`;
  for (let count = 2; statSync(target, { throwIfNoEntry: false }); count += 1) {
    target = `${path}.${count}.damaged`;
  }
  renameSync(path, target);
}

function removeIfOld(path: string): void {
  try {
    if (Date.now() - statSync(path).mtimeMs > TEMPORARY_MAX_AGE_MS) {
      rmSync(path);
    }
  } catch {
    // It is gone already, or belongs to another user. It does no harm.
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function unreadableFolder(folder: string, error: unknown): string {
  return `Run journal: ${folder} can't be read (${String((error as NodeJS.ErrnoException).code)}). Runs that were active when Node-RED ended are unknown. Check your instances in the EC2 console.`;
}

/**
 * Returns the name of a run's file. The id of a run may be any string that a user puts on a message, so a hash makes the name unique, even
 * if file names are not case sensitive. The readable part is for people.
 */
export function fileNameOf(runId: string): string {
  // The id may be something else than a string at run time: that must not end the process.
  const id = String(runId);
  const readable = id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40);
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 16);
  return `${readable}-${hash}.json`;
}
