import { JOB_STATES, type Job, type JobState } from "./job.ts";

/** Where jobs are saved. */
export interface JobJournal {
  load(): Job[];
  save(jobs: readonly Job[]): void;
}

/** All jobs, by id and by parent. */
export class JobBook {
  readonly #journal: JobJournal;
  readonly #jobs = new Map<string, Job>();
  readonly #children = new Map<string, Job[]>();

  constructor(journal: JobJournal) {
    this.#journal = journal;
    for (const job of journal.load()) {
      this.#register(job);
    }
  }

  add(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.#register(job);
    }
    this.#journal.save(jobs);
  }

  save(job: Job): void {
    this.#journal.save([job]);
  }

  find(jobId: string): Job | undefined {
    return this.#jobs.get(jobId);
  }

  /** In the order of their submission; children follow their parent. */
  list(): Iterable<Job> {
    return this.#jobs.values();
  }

  /** In the order of their index. */
  children(parentId: string): readonly Job[] {
    return this.#children.get(parentId) ?? [];
  }

  /** How many children are in each state, zeros included. */
  statusSummary(parentId: string): Record<JobState, number> {
    const counts = Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as Record<JobState, number>;
    for (const { status } of this.children(parentId)) {
      counts[status] += 1;
    }
    return counts;
  }

  #register(job: Job): void {
    this.#jobs.set(job.jobId, job);
    if (job.parentId !== undefined) {
      const siblings = this.#children.get(job.parentId) ?? [];
      siblings.push(job);
      this.#children.set(job.parentId, siblings);
    }
  }
}
