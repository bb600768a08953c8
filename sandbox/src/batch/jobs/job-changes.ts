import type { Clock } from "../../clock.ts";
import type { EventLog } from "../../faults/event-log.ts";
import { isOver, type Job, type JobState } from "./job.ts";
import type { JobBook } from "./job-book.ts";

/** Changes the state of jobs: each change is saved and recorded. */
export class JobChanges {
  readonly #options: { readonly book: JobBook; readonly clock: Clock; readonly events: EventLog };

  constructor(options: { readonly book: JobBook; readonly clock: Clock; readonly events: EventLog }) {
    this.#options = options;
  }

  /** @param reason - the new `statusReason`; without it there is none */
  enter(job: Job, status: JobState, reason?: string): void {
    const { book, clock, events } = this.#options;
    job.status = status;
    this.#setReason(job, reason);
    if (isOver(job)) {
      job.stoppedAt = clock.wallNow();
      delete job.endReason;
    }
    book.save(job);
    const { jobId, request, statusReason } = job;
    events.record("job", { jobId, jobName: request.jobName, status, ...(statusReason && { statusReason }) });
  }

  /** Explains the state that a job is in. */
  explain(job: Job, reason: string | undefined): void {
    if (job.statusReason !== reason) {
      this.enter(job, job.status, reason);
    }
  }

  #setReason(job: Job, reason: string | undefined): void {
    if (reason === undefined) {
      delete job.statusReason;
    } else {
      job.statusReason = reason;
    }
  }
}
