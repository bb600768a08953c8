import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isOver, type Job, type JobRequest } from "./job.ts";
import type { JobJournal } from "./job-book.ts";

/** Batch keeps jobs that are over for at least seven days. */
const RETENTION_MS = 7 * 24 * 3_600_000;

/** A child is saved without its request, which is its parent's. */
type SavedJob = Omit<Job, "request"> & { readonly request?: JobRequest };

/**
 * The jobs in one file, a line for each change: thousands of children change too often for a file each. It is rewritten when it is opened,
 * without jobs that have expired.
 */
export function openJobJournal(file: string, now: number): JobJournal {
  mkdirSync(dirname(file), { recursive: true });
  return {
    load() {
      const jobs = readJobs(file, now);
      writeFileSync(`${file}.tmp`, jobs.map(lineOf).join(""));
      renameSync(`${file}.tmp`, file);
      return jobs;
    },
    save: (jobs) => appendFileSync(file, jobs.map(lineOf).join("")),
  };
}

function lineOf(job: Job): string {
  const saved: SavedJob = job.parentId === undefined ? job : { ...job, request: undefined };
  return `${JSON.stringify(saved)}\n`;
}

function readJobs(file: string, now: number): Job[] {
  const saved = new Map<string, SavedJob>();
  for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
    const job = parse(line);
    if (job !== undefined) {
      saved.set(job.jobId, job);
    }
  }
  return [...saved.values()].flatMap((job) => {
    // A child expires with its parent.
    const { request, status, stoppedAt = 0 } = job.parentId === undefined ? job : (saved.get(job.parentId) ?? job);
    const isExpired = isOver({ status }) && stoppedAt < now - RETENTION_MS;
    return request === undefined || isExpired ? [] : [{ ...job, request }];
  });
}

/** The last line is incomplete when the sandbox was killed while it wrote. */
function parse(line: string): SavedJob | undefined {
  try {
    return line === "" ? undefined : (JSON.parse(line) as SavedJob);
  } catch {
    return undefined;
  }
}
