import { PipelineError } from "../errors/pipeline-error.ts";

/** Why the current state of a run is not on disk. */
interface SaveFailure {
  /** The error code of the system, such as `ENOSPC`, with its meaning. */
  readonly why: string;
  /** The folder of the journal. */
  readonly folder: string;
}

/** The result of a save: undefined when the run is on disk. */
export type SaveResult = SaveFailure | undefined;

/** The receivers of reports about failed saves. */
interface SaveFailuresOptions {
  readonly folder: string;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
  /** Called with the id of a run when its file becomes outdated, or is up to date again. */
  readonly onChange: (runId: string) => void;
}

/** The runs whose current state is not on disk. The log gets one warning per outage, and a message when it is over. */
export class SaveFailures {
  readonly #options: SaveFailuresOptions;
  readonly #failures = new Map<string, SaveFailure>();

  constructor(options: SaveFailuresOptions) {
    this.#options = options;
  }

  /** Why the current state of a run is not on disk; undefined if it is. */
  of(runId: string): SaveResult {
    return this.#failures.get(runId);
  }

  /** A save of a run has failed. */
  failed(runId: string, error: unknown): SaveFailure {
    const { folder, warn, onChange } = this.#options;
    const failure = { why: reasonOf(error), folder };
    const isFirst = this.#failures.size === 0;
    const isNew = !this.#failures.has(runId);
    this.#failures.set(runId, failure);
    if (isFirst) {
      warn(
        `Run journal: ${folder} can't be written (${failure.why}). Running steps continue, and instances are stopped, but no step starts further remote work: after a restart it would be started twice. Free disk space, or give Node-RED write permission there. lightlyAwsRunsDir in settings.js names another folder.`,
      );
    }
    if (isNew) {
      onChange(runId);
    }
    return failure;
  }

  /** The current state of a run is on disk, or the run was removed. */
  succeeded(runId: string): void {
    if (!this.#failures.delete(runId)) {
      return;
    }
    const { folder, info, onChange } = this.#options;
    if (this.#failures.size === 0) {
      info(`Run journal: ${folder} can be written again, and all runs are saved.`);
    }
    onChange(runId);
  }
}

/**
 * Creates the error of work that must not start, or whose result would be lost, because the run can't be saved.
 *
 * @param what - such as "ec2 start has not started anything"
 */
export function journalWriteFailed({ why, folder }: SaveFailure, runId: string, what: string): PipelineError {
  return new PipelineError(
    "JOURNAL_WRITE_FAILED",
    `${what}: the run ${runId} can't be saved in ${folder} (${why}), and would be lost in a restart. Free disk space, or give Node-RED write permission there, then start the run again. lightlyAwsRunsDir in settings.js names another folder.`,
    { retryable: true, details: { runId, folder, why } },
  );
}

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "no space left on the disk"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "the file system is read-only"],
  ["EACCES", "no permission"],
  ["EPERM", "not permitted"],
  ["EIO", "input/output error"],
]);

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code !== "string") {
    return error instanceof Error ? error.message : String(error);
  }
  const meaning = MEANINGS.get(code);
  return meaning === undefined ? code : `${code}: ${meaning}`;
}
