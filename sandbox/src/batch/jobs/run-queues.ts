import type { Job } from "./job.ts";

/** The RUNNABLE jobs of each queue, in the order in which they get capacity. */
export class RunQueues {
  readonly #jobs = new Map<string, Job[]>();

  /** @param first - a job with another attempt goes to the front of its queue */
  add(job: Job, first: boolean): void {
    const jobs = this.of(job.request.jobQueue);
    jobs.splice(first ? 0 : jobs.length, 0, job);
    this.#jobs.set(job.request.jobQueue, jobs);
  }

  /** Removes the jobs that `isLeaving` names, and returns them. */
  take(isLeaving: (job: Job) => boolean): Job[] {
    const taken: Job[] = [];
    for (const [queue, jobs] of this.#jobs) {
      const leaving = jobs.filter(isLeaving);
      if (leaving.length > 0) {
        taken.push(...leaving);
        this.#jobs.set(
          queue,
          jobs.filter((job) => !isLeaving(job)),
        );
      }
    }
    return taken;
  }

  /** The jobs of a queue; the first one can be removed by `shift`. */
  of(queueArn: string): Job[] {
    return this.#jobs.get(queueArn) ?? [];
  }

  get isEmpty(): boolean {
    return [...this.#jobs.values()].every((jobs) => jobs.length === 0);
  }
}
