import type { Attempts } from "./attempts.ts";
import { isArray, isOver, type Job } from "./job.ts";
import type { JobBook } from "./job-book.ts";
import type { Scheduler } from "./scheduler.ts";

interface Parts {
  readonly book: JobBook;
  readonly attempts: Attempts;
  readonly scheduler: Scheduler;
}

/** TerminateJob: ends what runs, and cancels what does not run yet; of an array, all children. A job that is over stays as it is. */
export function terminateJob(parts: Parts, job: Job, reason: string): void {
  if (isOver(job)) {
    return;
  }
  job.isTerminated = true;
  askToEnd(parts, job, reason, (child) => terminateJob(parts, child, reason));
  parts.attempts.terminate(job);
}

/** CancelJob: a job that is STARTING or RUNNING goes on. */
export function cancelJob(parts: Parts, job: Job, reason: string): void {
  if (isOver(job) || job.status === "STARTING" || job.status === "RUNNING") {
    return;
  }
  job.isCancelled = true;
  askToEnd(parts, job, reason, (child) => cancelJob(parts, child, reason));
}

function askToEnd({ book, scheduler }: Parts, job: Job, reason: string, endChild: (child: Job) => void): void {
  job.endReason ??= reason;
  book.save(job);
  if (isArray(job)) {
    book.children(job.jobId).forEach(endChild);
  }
  scheduler.wake();
}
