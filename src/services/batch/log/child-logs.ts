import type { BatchClient } from "@aws-sdk/client-batch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { Clock } from "../../../polling/clock.ts";
import { ListJobsCommand } from "../../../sdk/batch.ts";
import { isOver, type JobReport } from "../job/job-report.ts";
import { readJobs } from "../job/read-jobs.ts";
import { JobLog } from "./job-log.ts";

/** An array has up to 10,000 children, and an account a quota for reading logs. */
const FOLLOWED = 3;
/** Between two lists of the running children. */
const LIST_EVERY_MS = 10_000;
const LIST_SIZE = 100;

export interface ChildLogsOptions {
  readonly batch: BatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly pollMs: number;
  readonly clock: Clock;
  /** Receives new lines of one child in their order. */
  readonly onLines: (index: number, lines: readonly string[]) => void;
  /** Receives why logs can't be read, once. */
  readonly onFault: (text: string) => void;
}

/** Reads the logs of some running children of an array, and of others when those have ended. Like {@link JobLog}, it never fails. */
export class ChildLogs {
  /** The ids of the children whose log was read to its end. */
  readonly read = new Set<string>();
  readonly #options: ChildLogsOptions;
  readonly #followed = new Map<string, JobLog>();
  #looking: Promise<void> | undefined;
  #hasFault = false;
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ChildLogsOptions) {
    this.#options = options;
  }

  /** Begins to read what is new, unless it still reads. Does nothing for a job without children. */
  look(job: JobReport, signal: AbortSignal): void {
    this.#looking ??= this.#look(job, signal).finally(() => {
      this.#looking = undefined;
    });
  }

  /** Reads what is left after the end of the job. */
  async drain(job: JobReport, signal: AbortSignal): Promise<void> {
    await this.#looking;
    await this.#look(job, signal, { everyMs: 0 });
  }

  async #look(job: JobReport, signal: AbortSignal, { everyMs = this.#options.pollMs } = {}): Promise<void> {
    try {
      await this.#findRunning(job, signal);
      await this.#readFollowed(signal, everyMs);
    } catch {
      // A missing permission, or a service that fails: the log is news only.
    }
  }

  async #findRunning({ jobId, children }: JobReport, abortSignal: AbortSignal): Promise<void> {
    const { batch, logs, clock, onLines } = this.#options;
    const isTime = clock.now() - this.#listedAt >= LIST_EVERY_MS;
    if ((children?.counts.RUNNING ?? 0) === 0 || this.#followed.size >= FOLLOWED || !isTime) {
      return;
    }
    this.#listedAt = clock.now();
    const request = new ListJobsCommand({ arrayJobId: jobId, jobStatus: "RUNNING", maxResults: LIST_SIZE });
    const { jobSummaryList = [] } = await batch.send(request, { abortSignal });
    const running = jobSummaryList
      .map((job) => ({ id: job.jobId ?? "", index: job.arrayProperties?.index ?? Number(job.jobId?.split(":")[1]) }))
      .sort((one, other) => one.index - other.index);
    for (const { id, index } of running) {
      if (this.#followed.size < FOLLOWED && !this.#followed.has(id) && !this.read.has(id)) {
        const onFault = (text: string): void => this.#reportFault(text);
        this.#followed.set(id, new JobLog(logs, { onLines: (lines) => onLines(index, lines), onFault }));
      }
    }
  }

  #reportFault(text: string): void {
    if (!this.#hasFault) {
      this.#hasFault = true;
      this.#options.onFault(text);
    }
  }

  async #readFollowed(signal: AbortSignal, everyMs: number): Promise<void> {
    const { batch, clock } = this.#options;
    const ids = [...this.#followed.keys()];
    const reports = ids.length === 0 ? new Map() : await readJobs(batch, ids, signal, { everyMs, clock });
    for (const [id, log] of this.#followed) {
      const report: JobReport | undefined = reports.get(id);
      if (report && isOver(report.state)) {
        this.#followed.delete(id);
        await log.drain(report, signal);
        this.read.add(id);
      } else if (report) {
        await log.read(report, signal);
      }
    }
  }
}
