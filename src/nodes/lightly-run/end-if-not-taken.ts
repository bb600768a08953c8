import { PipelineError } from "../../errors/pipeline-error.ts";
import { formatDuration } from "../../polling/format-duration.ts";
import type { StepRecord } from "../../records/run-record.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { savedWait } from "../shared/step/waits/saved-wait.ts";
import { endUnlessOver, NOT_TAKEN, type WaitControl } from "./end-wait.ts";
import type { SelectionWait } from "./selection-wait.ts";

/** From when on a worker has to take the run. */
interface WorkerWait {
  /** Completes the sentence "... within 15 min after ...". */
  readonly what: string;
  /** The instances whose other runs may keep the worker busy. */
  readonly instanceIds: readonly string[];
}

interface EndIfNotTakenOptions {
  readonly since: WorkerWait;
  /** The number of events so far after which such a wait begins. After a restart, the same number means the same wait. */
  readonly events: number;
  readonly wait: SelectionWait;
  readonly control: WaitControl;
  readonly signal: AbortSignal;
}

/**
 * Ends the wait for a run with `LIGHTLY_NO_WORKER` unless a worker takes it within the limit. The limit counts the time before a restart,
 * and the time in between.
 */
export async function endIfNotTaken(context: StepContext, options: EndIfNotTakenOptions): Promise<void> {
  const { wait, control, signal } = options;
  const { scheduledRunId, datasetId, workerWithinMs } = wait;
  const waited = await untilDue(context, options).catch(() => undefined);
  if (waited === undefined) {
    return;
  }
  // Node-RED may have been down for longer than an instance runs without it: then its loss is the reason.
  await Promise.all(waited.instanceIds.map((id) => context.instances.check(id)));
  if (signal.aborted) {
    return;
  }
  const error = (): PipelineError =>
    new PipelineError(
      "LIGHTLY_NO_WORKER",
      `No worker took the Lightly run ${scheduledRunId} within ${formatDuration(workerWithinMs)} after ${waited.what}. Check the output of the script: does it start the Lightly Worker, with the token of this account and a label that the run allows? If the worker needs longer, raise the worker timeout in lightly run.`,
      { details: { scheduledRunId, datasetId } },
    );
  await endUnlessOver(wait, control, { after: 0, isHopeless: (state) => state === NOT_TAKEN, error });
}

/** Resolves with the wait when its limit has passed. Rejects when the wait is over. */
async function untilDue(
  context: StepContext,
  { since, events, wait, signal }: EndIfNotTakenOptions,
): Promise<WorkerWait> {
  const { client, pollMs, workerWithinMs } = wait;
  // After a restart the earlier events arrive at once, and each one may end the wait that the one before has begun.
  await Promise.resolve();
  signal.throwIfAborted();
  const { earlier, save } = savedWait<WorkerWait>(context, "workerWait", { attempt: context.attempt, events });
  // The earlier events arrive by kind, so that the last one need not be the one with which the wait has begun.
  const { what, instanceIds } = earlier ?? since;
  // The worker may have to process other runs first. Runs that wait for it themselves would wait for each other.
  const isBusy = (): boolean =>
    instanceIds.some((id) => context.instances.recentStepsOfOthers(id, workerWithinMs).some(hasBeenTaken));
  if (!earlier) {
    save({ what, instanceIds });
  }
  await client.clock.sleep(Math.max(0, workerWithinMs - (earlier?.waitedMs ?? 0)), signal);
  for (;;) {
    if (isBusy()) {
      save({ what, instanceIds });
      await client.clock.sleep(workerWithinMs, signal);
    } else if (context.instances.isAhead("command")) {
      // A script that has not started yet starts another worker, and ends this wait. The step of one that has ended is only resumed.
      await client.clock.sleep(pollMs, signal);
    } else {
      return { what, instanceIds };
    }
  }
}

/** Whether a worker has taken the run of a step. */
function hasBeenTaken({ role, phases }: StepRecord): boolean {
  return role === "select" && (phases?.at(-1)?.name ?? NOT_TAKEN) !== NOT_TAKEN;
}
