import type { BatchClient } from "@aws-sdk/client-batch";
import { ListJobsCommand } from "../../../sdk/batch.ts";
import type { JobReport } from "../job/job-report.ts";
import { readJobs } from "../job/read-jobs.ts";

/** How many waiting children to look at: only the one at the head of the queue has a reason. */
const CHILDREN = 20;
/** The longest time between two looks at the children, in milliseconds. */
const MAX_PAUSE_MS = 60_000;

/**
 * Reads why a job waits for an instance. An array itself has no reason: that of its first waiting children is read, which is not in their
 * list. This takes two requests, so it is done ever more rarely the longer the array waits.
 */
export class WaitingReason {
  readonly #batch: BatchClient;
  #reason: string | undefined;
  #nextMs = 0;

  constructor(batch: BatchClient) {
    this.#batch = batch;
  }

  /**
   * @param waitedMs - how long the job has been waiting
   * @returns the latest reason; `undefined` if AWS gives none, or does not let it be read
   */
  async of(job: JobReport, waitedMs: number, signal: AbortSignal): Promise<string | undefined> {
    if (!job.children) {
      return job.statusReason;
    }
    if (waitedMs === 0) {
      this.#nextMs = 0;
    }
    if (waitedMs >= this.#nextMs) {
      this.#nextMs = waitedMs + Math.min(MAX_PAUSE_MS, Math.max(1000, waitedMs / 2));
      // The wait itself reports why AWS does not respond.
      this.#reason = await this.#ofChildren(job.jobId, signal).catch(() => this.#reason);
    }
    return this.#reason;
  }

  async #ofChildren(arrayJobId: string, abortSignal: AbortSignal): Promise<string | undefined> {
    const list = new ListJobsCommand({ arrayJobId, jobStatus: "RUNNABLE", maxResults: CHILDREN });
    const { jobSummaryList = [] } = await this.#batch.send(list, { abortSignal });
    const ids = jobSummaryList.flatMap(({ jobId }) => jobId ?? []);
    const children = ids.length === 0 ? [] : [...(await readJobs(this.#batch, ids, abortSignal)).values()];
    return children.find(({ state, statusReason }) => state === "RUNNABLE" && statusReason)?.statusReason;
  }
}
