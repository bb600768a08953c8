import { PipelineError } from "../errors/pipeline-error.ts";
import type { Leases } from "./instances/leases.ts";
import { journalWriteFailed } from "./journal/journal-write-failed.ts";
import { claimedInstances } from "./records/left-instances.ts";
import { stepsToRetry } from "./records/retry-plan.ts";
import type { RunRecord } from "./records/run-record.ts";
import type { Run } from "./run.ts";
import type { Step } from "./steps/step.ts";
import type { StepDoor } from "./steps/step-door.ts";

/** What the commands need of the registry. */
export interface CommandSurroundings {
  readonly leases: Leases;
  /** All runs that are known. */
  readonly liveRecords: () => RunRecord[];
  readonly doorOf: (nodeId: string) => StepDoor | undefined;
}

/**
 * Aborts what a run has in hand; its flow's Catch node is told, once. Resolves when the disk knows of it.
 *
 * @throws PipelineError `RUN_NOT_ABORTABLE`, `JOURNAL_WRITE_FAILED` (it was aborted, but a restart would not know that)
 */
export async function abortRun(run: Run, reason: string): Promise<RunRecord> {
  const { runId } = run;
  if (!run.abort(reason)) {
    throw new PipelineError(
      "RUN_NOT_ABORTABLE",
      `The run ${runId} has no step at work that could be aborted: it is ${run.liveRecord().state}. Steps that stop an instance go on to their end.`,
      { details: { runId } },
    );
  }
  return await answered(run, `The run ${runId} was aborted, but the disk does not know that`);
}

/**
 * Starts a failed or aborted run again from the step that failed, with the message that the step had received; what was aborted
 * because of it, and an instance that was stopped since, begin again too. Resolves when the disk knows of it.
 *
 * @throws PipelineError `RUN_NOT_RETRYABLE`, `JOURNAL_WRITE_FAILED` (its steps do not begin then, and fail)
 */
export async function retryRun(run: Run, { leases, liveRecords, doorOf }: CommandSurroundings): Promise<RunRecord> {
  const { runId } = run;
  const record = run.toRecord();
  const isTaken = (instanceId: string): boolean => leases.neededByOthers(runId, instanceId).length > 0;
  const stepIds = run.isAtRest ? stepsToRetry(record, liveRecords(), isTaken) : [];
  if (stepIds.length === 0) {
    const why = run.isAtRest ? `it is ${record.state}` : "it has not ended yet; wait for that, or abort it";
    throw notRetryable(runId, `started again: ${why}.`, { state: record.state });
  }
  const gone = record.steps.find(({ stepId, nodeId }) => stepIds.includes(stepId) && !doorOf(nodeId));
  if (gone) {
    const why = `its node "${gone.name}" is gone or disabled. Bring it back, or start a new run.`;
    throw notRetryable(runId, `started again: ${why}`, { nodeId: gone.nodeId });
  }
  leases.hold(
    runId,
    claimedInstances(record, liveRecords()).filter((instanceId) => !isTaken(instanceId)),
  );
  run.retry(stepIds);
  return await answered(run, `The run ${runId} was started again, but its steps can't begin`);
}

/**
 * Has a new run begin with the messages that another one began with. Resolves when the disk knows of the new run.
 *
 * @param begin - gives the new run; called only when it can begin
 * @throws PipelineError `RUN_NOT_RETRYABLE` (a node is gone, or its message was not kept), `JOURNAL_WRITE_FAILED` (the steps of the new
 *   run do not begin then, and fail)
 */
export async function runAgain(
  run: Run,
  begin: () => Run,
  { doorOf }: Pick<CommandSurroundings, "doorOf">,
): Promise<RunRecord> {
  const { first } = run.steps;
  const gone = first.find(({ record, received }) => !doorOf(record.nodeId) || received.copy === undefined);
  if (gone || first.length === 0) {
    const why = gone ? `the node "${gone.record.name}", or the message it had received, is gone` : "it has no steps";
    throw notRetryable(run.runId, `run again: ${why}.`);
  }
  const again = begin();
  for (const step of first) {
    beginOnceMore(step, again, doorOf);
  }
  return await answered(again, `The run ${run.runId} was run again as ${again.runId}, but its steps can't begin`);
}

/** What was asked for is answered when a crash can't undo it any more. */
async function answered(run: Run, otherwise: string): Promise<RunRecord> {
  const refusal = await run.saved();
  if (refusal) {
    throw journalWriteFailed(refusal, run.runId, otherwise);
  }
  return run.toRecord();
}

function beginOnceMore({ identity, received }: Step, again: Run, doorOf: CommandSurroundings["doorOf"]): void {
  const { value, leftOut = [] } = received.copy ?? {};
  const copy = { value: asMessageOf(again.runId, value), leftOut };
  const step = again.begin(identity, { received: copy, live: received.live });
  doorOf(identity.nodeId)?.resume(step, step.received.again());
}

/** A trigger's message as that of another run. */
function asMessageOf(runId: string, message: unknown): unknown {
  // A message that could not be read at all was copied as null.
  const members = (message ?? {}) as Readonly<Record<string, unknown>>;
  return { ...members, _msgid: runId, ...(members.runId === undefined ? {} : { runId }) };
}

function notRetryable(runId: string, what: string, details: Readonly<Record<string, unknown>> = {}): PipelineError {
  return new PipelineError("RUN_NOT_RETRYABLE", `The run ${runId} can't be ${what}`, {
    details: { runId, ...details },
  });
}
