import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetLogEventsCommand } from "../../../sdk/cloudwatch-logs.ts";
import { readAwsError } from "../../aws/errors/aws-error-facts.ts";
import type { JobReport } from "../job/job-report.ts";
import { isMissingGroup, mapLogsError } from "./map-logs-error.ts";

/** Requests per look, so that an endless log does not hold up its reader. A page has up to 1 MB. */
const PAGES_PER_POLL = 5;
/** At the end. */
const PAGES_AT_END = 50;
/** Looks without the log group before that is a fault: the group may be created together with the container. */
const LOOKS_WITHOUT_GROUP = 3;

/**
 * Reads the log of a job from CloudWatch Logs, each line once. The log is best effort: it never decides the result of a job, because it may
 * have another driver, no permission, or no line.
 */
export class JobLog {
  readonly #logs: CloudWatchLogsClient;
  readonly #onLines: (lines: readonly string[]) => void;
  readonly #onFault: (text: string) => void;
  /** The token after the last line that was read of each stream. */
  readonly #next = new Map<string, string>();
  #hasFailed = false;
  /** In a row. */
  #looksWithoutGroup = 0;

  /**
   * @param onLines - receives new lines in their order
   * @param onFault - receives why the log can't be read, once. The reader then stops, but still waits for a missing group
   */
  constructor(
    logs: CloudWatchLogsClient,
    { onLines, onFault }: { onLines: (lines: readonly string[]) => void; onFault: (text: string) => void },
  ) {
    this.#logs = logs;
    this.#onLines = onLines;
    this.#onFault = onFault;
  }

  /** Reads new lines of the streams of all attempts. Resolves in any case. */
  async read(job: JobReport, signal: AbortSignal): Promise<void> {
    await this.#readAll(job, PAGES_PER_POLL, signal);
  }

  /** Reads what is left after the end. Resolves in any case. */
  async drain(job: JobReport, signal: AbortSignal): Promise<void> {
    await this.#readAll(job, PAGES_AT_END, signal);
    if (this.#looksWithoutGroup > 0 && this.#looksWithoutGroup < LOOKS_WITHOUT_GROUP) {
      this.#reportMissingGroup(job);
    }
  }

  async #readAll(job: JobReport, pages: number, signal: AbortSignal): Promise<void> {
    const { logGroup, logStreams } = job;
    try {
      for (const stream of this.#hasFailed ? [] : logStreams) {
        await this.#readStream(logGroup, stream, pages, signal);
        this.#looksWithoutGroup = 0;
      }
    } catch (error) {
      if (isMissingGroup(error)) {
        this.#looksWithoutGroup += 1;
        if (this.#looksWithoutGroup === LOOKS_WITHOUT_GROUP) {
          this.#reportMissingGroup(job);
        }
        return;
      }
      const fault = mapLogsError(error, `log stream of group ${logGroup}`);
      if (!fault.isAbort && !fault.retryable) {
        this.#hasFailed = true;
        this.#onFault(fault.message);
      }
    }
  }

  #reportMissingGroup({ logGroup }: JobReport): void {
    this.#onFault(
      `The log group ${logGroup} does not exist in the region of the account. Create it, or correct awslogs-group and awslogs-region in the job definition.`,
    );
  }

  async #readStream(logGroupName: string, logStreamName: string, pages: number, signal: AbortSignal): Promise<void> {
    const key = `${logGroupName}\n${logStreamName}`;
    for (let page = 0; page < pages; page += 1) {
      const nextToken = this.#next.get(key);
      const response = await this.#logs
        .send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken }), {
          abortSignal: signal,
        })
        .catch((error: unknown) => {
          // Normal before the first line.
          if (readAwsError(error).name === "ResourceNotFoundException" && !isMissingGroup(error)) {
            return undefined;
          }
          throw error;
        });
      const lines = (response?.events ?? []).map(({ message = "" }) => message.replace(/\r?\n$/, ""));
      if (lines.length > 0) {
        this.#onLines(lines);
      }
      const next = response?.nextForwardToken;
      if (next === undefined || next === nextToken) {
        // A page may be empty before the end: the end is where the token stays the same.
        return;
      }
      this.#next.set(key, next);
    }
  }
}
