import { ownEntry } from "../errors/own-entry.ts";
import { PipelineError } from "../errors/pipeline-error.ts";
import { journalWriteFailed } from "../journal/save-failures.ts";
import { editMessage } from "../messages/edit-message.ts";
import { completedStops, leasedInstances } from "../records/left-running.ts";
import { stepsToRetry } from "../records/retry-plan.ts";
import type { RunRecord } from "../records/run-record.ts";
import type { Run } from "./run.ts";
import type { Step } from "./steps/step.ts";
import { identityOf } from "./steps/step-origin.ts";

/**
 * Aborts the running steps of a run. The flow's Catch node is informed once. Resolves when that is on disk.
 *
 * @throws PipelineError `RUN_NOT_ABORTABLE`, `JOURNAL_WRITE_FAILED` (aborted, but lost in a restart)
 */
export async function abortRun(run: Run, reason: string): Promise<RunRecord> {
  const { runId } = run;
  if (!run.abort(reason)) {
    const { state } = run.liveRecord();
    const why = run.isOver ? `it is ${state}` : "only stop steps are still running, and they can't be aborted";
    throw new PipelineError("RUN_NOT_ABORTABLE", `The run ${runId} can't be aborted: ${why}.`, { details: { runId } });
  }
  return await recordWhenSaved(run, `The run ${runId} was aborted, but that is not on disk`);
}

/**
 * Retries a failed or aborted run from the failed step, with the message that the step had received. Steps that were aborted because of
 * the failure, and the start of an instance that was stopped since, start again too. Resolves when that is on disk.
 *
 * @throws PipelineError `RUN_NOT_RETRYABLE`, `JOURNAL_WRITE_FAILED` (the steps do not start, and fail)
 */
export async function retryRun(run: Run): Promise<RunRecord> {
  const { runId, registry } = run;
  const { leases } = registry.instances;
  const record = run.toRecord();
  const isTaken = (instanceId: string): boolean => leases.neededByOthers(runId, instanceId).length > 0;
  const stepIds = run.isIdle ? stepsToRetry(record, registry.liveRecords(), isTaken) : [];
  if (stepIds.length === 0) {
    const why = run.isIdle ? `it is ${record.state}` : "it has not ended yet. Wait for that, or abort it";
    throw notRetryable(runId, `retried: ${why}.`, { state: record.state });
  }
  const gone = record.steps.find(({ stepId, nodeId }) => stepIds.includes(stepId) && !registry.nodes.has(nodeId));
  if (gone) {
    const why = `its node "${gone.name}" is deleted or disabled. Restore it, or start a new run.`;
    throw notRetryable(runId, `retried: ${why}`, { nodeId: gone.nodeId });
  }
  const leased = leasedInstances(record, completedStops(registry.liveRecords()));
  leases.assign(
    runId,
    leased.filter((instanceId) => !isTaken(instanceId)),
  );
  run.retry(stepIds);
  return await recordWhenSaved(run, `The run ${runId} was retried, but its steps can't start`);
}

/** Edited messages, by the number of the step that has received the original one. */
export type EditedInputs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Starts a new run with the first messages of another run. Resolves when the new run is on disk.
 *
 * @param inputs - replace messages of first steps
 * @throws PipelineError `RUN_NOT_RETRYABLE` (a node was deleted, its message was not saved, or the new run exists), `JOURNAL_WRITE_FAILED` (the steps of the new
 *   run do not start, and fail)
 */
export async function rerun(run: Run, newRunId: string, inputs: EditedInputs): Promise<RunRecord> {
  const { runId, registry } = run;
  const { first } = run.steps;
  const gone = first.find(({ record, received }) => !registry.nodes.has(record.nodeId) || received.copy === undefined);
  if (gone || first.length === 0) {
    const why = gone ? `the node "${gone.record.name}", or the message it had received, is gone` : "it has no steps";
    throw notRetryable(runId, `run again: ${why}.`);
  }
  const numbers = first.map(({ record }) => numberOf(record.stepId));
  const unknown = Object.keys(inputs).find((number) => !numbers.includes(number));
  if (unknown !== undefined) {
    const text = `The run ${runId} can't be run again: step ${unknown} has not received a message of the trigger. Edit the message of one of these steps: ${numbers.join(", ")}.`;
    throw new PipelineError("INPUT_INVALID", text, { details: { runId } });
  }
  if (registry.all.has(newRunId)) {
    throw notRetryable(runId, `run again: there is already a run ${newRunId}.`);
  }
  const again = registry.create(newRunId, { kind: "rerun", runId });
  for (const step of first) {
    restartStep(step, again, ownEntry(inputs, numberOf(step.record.stepId)));
  }
  return await recordWhenSaved(again, `The run ${runId} was run again as ${again.runId}, but its steps can't start`);
}

/** Returns the record when the command is on disk, so that a crash can't undo it. */
async function recordWhenSaved(run: Run, otherwise: string): Promise<RunRecord> {
  const failure = await run.save();
  if (failure) {
    throw journalWriteFailed(failure, run.runId, otherwise);
  }
  return run.toRecord();
}

function restartStep(old: Step, again: Run, edited: Readonly<Record<string, unknown>> | undefined): void {
  const { received } = old;
  const original = received.copy ?? { value: undefined, omitted: [] };
  const { value, omitted } = edited === undefined ? original : editMessage(original, edited);
  const copy = { value: withRunId(again.runId, value), omitted };
  const step = again.begin(identityOf(old), { received: copy, live: received.live });
  again.registry.nodes.get(old.record.nodeId)?.resume(step, step.received.restore());
}

/** The number of a step in its run, the last part of its id. */
function numberOf(stepId: string): string {
  return stepId.slice(stepId.lastIndexOf("/") + 1);
}

/** Converts the message of a trigger to a message of another run. */
function withRunId(runId: string, message: unknown): unknown {
  // The copy of an unreadable message is null.
  const members = (message ?? {}) as Readonly<Record<string, unknown>>;
  return { ...members, _msgid: runId, ...(members.runId === undefined ? {} : { runId }) };
}

function notRetryable(runId: string, what: string, details: Readonly<Record<string, unknown>> = {}): PipelineError {
  return new PipelineError("RUN_NOT_RETRYABLE", `The run ${runId} can't be ${what}`, {
    details: { runId, ...details },
  });
}
