import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { PipelineError } from "../../errors/pipeline-error.ts";
import { GetLogEventsCommand } from "../../sdk/cloudwatch-logs.ts";
import { readAwsError } from "../aws/errors/aws-error-facts.ts";
import type { JobReport } from "./job-report.ts";
import { mapLogsError } from "./map-logs-error.ts";

/** Requests per look, so that an endless log does not hold up its reader. A page has up to 1 MB. */
const PAGES_PER_POLL = 5;
/** At the end. */
const PAGES_AT_END = 50;

/**
 * Reads the log of a job from CloudWatch Logs, each line once. The log is best effort: it never decides the result of a job, because it may
 * have another driver, no permission, or no line.
 */
export class JobLog {
  readonly #logs: CloudWatchLogsClient;
  readonly #onLines: (lines: readonly string[]) => void;
  readonly #onFault: (fault: PipelineError) => void;
  /** The token after the last line that was read of each stream. */
  readonly #next = new Map<string, string>();
  #hasFailed = false;

  /**
   * @param onLines - receives new lines in their order
   * @param onFault - receives why the log can't be read, once; the reader then stops
   */
  constructor(
    logs: CloudWatchLogsClient,
    { onLines, onFault }: { onLines: (lines: readonly string[]) => void; onFault: (fault: PipelineError) => void },
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
  }

  async #readAll({ logGroup, logStreams }: JobReport, pages: number, signal: AbortSignal): Promise<void> {
    try {
      for (const stream of this.#hasFailed ? [] : logStreams) {
        await this.#readStream(logGroup, stream, pages, signal);
      }
    } catch (error) {
      const fault = mapLogsError(error, `log stream of group ${logGroup}`);
      if (!fault.isAbort && !fault.retryable) {
        this.#hasFailed = true;
        this.#onFault(fault);
      }
    }
  }

  async #readStream(logGroupName: string, logStreamName: string, pages: number, signal: AbortSignal): Promise<void> {
    const key = `${logGroupName}\n${logStreamName}`;
    for (let page = 0; page < pages; page += 1) {
      const nextToken = this.#next.get(key);
      const answer = await this.#logs
        .send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true, nextToken }), {
          abortSignal: signal,
        })
        .catch((error: unknown) => {
          // Normal before the first line.
          if (readAwsError(error).name === "ResourceNotFoundException") {
            return undefined;
          }
          throw error;
        });
      const lines = (answer?.events ?? []).map(({ message = "" }) => message.replace(/\r?\n$/, ""));
      if (lines.length > 0) {
        this.#onLines(lines);
      }
      const next = answer?.nextForwardToken;
      if (next === undefined || next === nextToken) {
        // A page may be empty before the end: the end is where the token stays the same.
        return;
      }
      this.#next.set(key, next);
    }
  }
}
