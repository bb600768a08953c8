import { PipelineError } from "../errors/pipeline-error.ts";
import type { SafeCopy } from "../messages/safe-copy.ts";
import { type BlockedActions, blockedActions, LOCKED } from "../records/blocked-actions.ts";
import type { RunRecord } from "../records/run-record.ts";
import { type RunSummary, summarize } from "../records/run-summary.ts";
import type { Run } from "./run.ts";
import type { RunStorage } from "./run-storage.ts";
import { RegisteredNodes } from "./steps/registered-node.ts";

/** The runs as records. While another Node-RED owns the journal, they are its runs. */
export abstract class RunRecords {
  readonly nodes = new RegisteredNodes();
  /** The newest last. */
  protected readonly runs = new Map<string, Run>();
  protected abstract readonly storage: RunStorage;

  /** All records, not copied: read them in this turn of the event loop only, and don't change them. */
  liveRecords(): RunRecord[] {
    return this.storage.readOnly?.records() ?? [...this.runs.values()].map((run) => run.liveRecord());
  }

  list(): RunRecord[] {
    return this.storage.readOnly?.records() ?? [...this.runs.values()].map((run) => run.toRecord());
  }

  get(runId: string): RunRecord | undefined {
    return this.storage.readOnly ? this.storage.readOnly.get(runId) : this.runs.get(runId)?.toRecord();
  }

  /** The record of a run, not copied, see {@link liveRecords}. @throws PipelineError `RUN_NOT_FOUND` */
  find(runId: string): RunRecord {
    const record = this.#live(runId);
    if (!record) {
      throw notFound(runId, `There is no run ${runId}.`);
    }
    return record;
  }

  /**
   * The message that a step has received, as it is on disk: without secrets, and without parts that are too large.
   *
   * @param number - the number of the step in its run, from 1
   * @returns undefined when the message was not saved
   * @throws PipelineError `RUN_NOT_FOUND`, also when the run has no such step
   */
  input(runId: string, number: number): SafeCopy | undefined {
    if (this.storage.readOnly) {
      return this.storage.readOnly.input(`${runId}/${number}`);
    }
    const step = this.known(runId).steps.byId(`${runId}/${number}`);
    if (!step) {
      throw notFound(runId, `The run ${runId} has no step ${number}.`);
    }
    return step.received.copy;
  }

  /** A summary of each run. */
  summaries(): RunSummary[] {
    return this.liveRecords().map(summarize);
  }

  /** The summary of a run; undefined if it was removed. */
  summary(runId: string): RunSummary | undefined {
    const record = this.#live(runId);
    return record && summarize(record);
  }

  #live(runId: string): RunRecord | undefined {
    const { readOnly } = this.storage;
    return readOnly ? readOnly.get(runId) : this.runs.get(runId)?.liveRecord();
  }

  /** The actions that are not possible for a run now, each with the reason. @throws PipelineError `RUN_NOT_FOUND` */
  blockedActions(runId: string): BlockedActions {
    if (this.storage.readOnly) {
      return LOCKED;
    }
    const run = this.known(runId);
    return blockedActions(run.liveRecord(), {
      isActive: run.isActive,
      hasNode: (nodeId) => this.nodes.has(nodeId),
      hasMessage: (stepId) => run.steps.byId(stepId)?.received.copy !== undefined,
    });
  }

  protected known(runId: string): Run {
    this.storage.assertOwned();
    const run = this.runs.get(runId);
    if (!run) {
      throw notFound(runId, `There is no run ${runId}.`);
    }
    return run;
  }
}

function notFound(runId: string, message: string): PipelineError {
  return new PipelineError("RUN_NOT_FOUND", message, { details: { runId } });
}
