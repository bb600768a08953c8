import type { Urgency } from "../../journal/run-file.ts";
import { journalWriteFailed, type SaveResult } from "../../journal/save-failures.ts";
import { maskSecrets } from "../../messages/mask-secrets.ts";
import { raceAbort } from "../../polling/race-abort.ts";
import { withStopped } from "../../records/left-running.ts";
import { plainState, type StepProgress } from "../../records/progress.ts";
import type { LogEntry, StepPhase, StepRecord } from "../../records/run-record.ts";
import type { Run } from "../run.ts";
import { shownLine } from "./shown-line.ts";

/** The record of a step: what the step reports in it about its work, and when it is on disk. */
export abstract class RecordedStep {
  readonly record: StepRecord;
  readonly alwaysRuns: boolean;
  protected readonly run: Run;

  constructor(run: Run, record: StepRecord, alwaysRuns: boolean) {
    this.run = run;
    this.record = record;
    this.alwaysRuns = alwaysRuns;
  }

  /** Aborted when the step must stop: its node closes, another step has failed, the user cancels. */
  abstract get signal(): AbortSignal;

  /** The step has changed. */
  protected abstract changed(urgency: Urgency): void;

  get runId(): string {
    return this.run.runId;
  }

  /** The saved ids of remote work that an earlier attempt has started. Empty for a new step. */
  get checkpoint(): Readonly<Record<string, unknown>> {
    return this.record.checkpoint ?? {};
  }

  progress(progress: StepProgress): void {
    this.#write(describeChange(progress, this.record.progress));
    this.record.progress = progress;
    this.changed("soon");
  }

  /** Records that a phase of the work has begun, at a time in milliseconds since 1970. A phase that is not newer than the latest is ignored. */
  phase(name: string, startedAt = this.run.now()): void {
    const phases = this.record.phases ?? [];
    this.record.phases = withPhase(phases, { name, startedAt });
    if (this.record.phases !== phases) {
      this.changed("soon");
    }
  }

  /** The step is retried after a retryable failure. */
  retrying(attempt: number, why: string): void {
    this.record.attempt = attempt;
    this.#write([`retrying: ${why}`], "warning");
    this.record.progress = { state: "retrying", message: why };
    this.changed("now");
  }

  /** Adds lines to the step's log: the output of a script, or a warning. */
  log(lines: readonly string[], level?: LogEntry["level"]): void {
    this.#write(lines, level);
    this.changed("soon");
  }

  /** EC2 reports an instance as stopped. If this step has started it, it no longer counts as running. */
  markStopped(instanceId: string): void {
    const checkpoint = withStopped(this.record, instanceId, this.run.now());
    if (checkpoint) {
      this.record.checkpoint = checkpoint;
      this.changed("now");
    }
  }

  /**
   * Saves ids of remote work before the work is started, so that it is found after a crash and never started twice. An undefined id is
   * removed. Resolves when the ids are on disk; without a journal, immediately.
   *
   * @throws PipelineError `JOURNAL_WRITE_FAILED`: the work must not start; `ABORTED`. A step that always runs continues: an instance that
   *   keeps running costs more than a second request to stop it.
   */
  async saveIntent(ids: Readonly<Record<string, unknown>>): Promise<void> {
    this.#mergeCheckpoint(ids);
    await this.#requireSaved(() => this.run.save());
  }

  /**
   * Saves ids of remote work that has started. An undefined id is removed. Resolves when the ids are on disk, or could not be written:
   * the work continues, and the journal retries.
   */
  async saveCheckpoint(ids: Readonly<Record<string, unknown>>): Promise<void> {
    this.#mergeCheckpoint(ids);
    await this.run.save();
  }

  #mergeCheckpoint(ids: Readonly<Record<string, unknown>>): void {
    const known = Object.entries({ ...this.record.checkpoint, ...ids }).filter(([, id]) => id !== undefined);
    this.record.checkpoint = Object.fromEntries(known);
    this.changed("now");
  }

  /**
   * Resolves when the step's run is on disk. Before that no remote work may start.
   *
   * @throws PipelineError, see {@link saveIntent}
   */
  async ensureSaved(): Promise<void> {
    await this.#requireSaved(() => this.run.ensureSaved());
  }

  async #requireSaved(save: () => Promise<SaveResult>): Promise<void> {
    if (this.alwaysRuns) {
      void save();
      return;
    }
    const failure = await raceAbort(save(), this.signal);
    if (failure) {
      throw journalWriteFailed(failure, this.runId, `${this.record.name} has not started anything`);
    }
  }

  #write(lines: readonly string[], level?: LogEntry["level"]): void {
    if (lines.length > 0) {
      this.record.log = withLines(this.record.log ?? [], lines, this.run.now(), level);
    }
  }
}

/** A step that retries its work may repeat its phases. */
const MAX_PHASES = 50;
const MAX_NAME_LENGTH = 60;

/**
 * Appends a phase. The latest one may be reported again and again, and so may earlier ones with their times. The oldest phases are removed
 * above the limit.
 */
export function withPhase(phases: readonly StepPhase[], { name, startedAt }: StepPhase): readonly StepPhase[] {
  const latest = phases.at(-1);
  const short = name.slice(0, MAX_NAME_LENGTH);
  const isKnown = latest !== undefined && (latest.name === short || latest.startedAt >= startedAt);
  return isKnown ? phases : [...phases, { name: short, startedAt }].slice(-MAX_PHASES);
}

const MAX_ENTRIES = 200;
/** Of which the newest entries are kept: a script may print a million. */
const MAX_LINES = 2000;
const MAX_TEXT_LENGTH = 2000;

/** Appends lines to a log, as a terminal shows them. Secrets are masked, and the oldest entries are removed above the limit. */
export function withLines(
  log: readonly LogEntry[],
  lines: readonly string[],
  at: number,
  level?: LogEntry["level"],
): LogEntry[] {
  const entries = lines
    .slice(-MAX_LINES)
    .map(shownLine)
    .filter((line) => line !== "")
    .slice(-MAX_ENTRIES)
    .map((line) => ({ at, text: maskSecrets(line.slice(0, MAX_TEXT_LENGTH)), ...(level && { level }) }));
  return [...log, ...entries].slice(-MAX_ENTRIES);
}

/** Describes how progress differs from the previous one; empty if only bytes have changed. */
export function describeChange(progress: StepProgress, before: StepProgress | undefined): string[] {
  const lineOf = (of: StepProgress | undefined): string =>
    [of?.state && plainState(of.state), of?.message].filter(Boolean).join(": ");
  return lineOf(progress) === lineOf(before) ? [] : [lineOf(progress)];
}
