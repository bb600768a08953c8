import type { Refusal } from "./run-file.ts";

/** What {@link Refusals} takes. */
export interface RefusalsOptions {
  readonly folder: string;
  readonly warn: (message: string) => void;
  readonly info: (message: string) => void;
  /** Called with each run whose place on the disk has become stale, or true again. */
  readonly onChange: (runId: string) => void;
}

/** Which runs the disk does not have as they are. The log has one warning for each outage, and an all-clear behind it. */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #refused = new Map<string, Refusal>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /** Why the disk does not have a run as it is; undefined when it has. */
  of(runId: string): Refusal | undefined {
    return this.#refused.get(runId);
  }

  /** The disk has not taken a run. */
  refused(runId: string, error: unknown): Refusal {
    const { folder, warn, onChange } = this.#options;
    const refusal = { why: reasonOf(error), folder };
    const isFirst = this.#refused.size === 0;
    const isNew = !this.#refused.has(runId);
    this.#refused.set(runId, refusal);
    if (isFirst) {
      warn(
        `Run journal: ${folder} can't be written (${refusal.why}). Steps that have begun go on, and instances are stopped, but no step begins further remote work: after a restart it would be begun twice. Make room, or give Node-RED the right to write there; lightlyAwsRunsDir in settings.js names another folder.`,
      );
    }
    if (isNew) {
      onChange(runId);
    }
    return refusal;
  }

  /** The disk has a run as it is, or has forgotten it. */
  taken(runId: string): void {
    if (!this.#refused.delete(runId)) {
      return;
    }
    const { folder, info, onChange } = this.#options;
    if (this.#refused.size === 0) {
      info(`Run journal: ${folder} can be written again, and has all runs as they are.`);
    }
    onChange(runId);
  }
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
