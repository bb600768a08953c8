import { PipelineError } from "../../errors/pipeline-error.ts";
import { systemClock } from "../../polling/clock.ts";
import { fixedDelay } from "../../polling/delay.ts";
import { formatDuration } from "../../polling/format-duration.ts";
import { pollUntil } from "../../polling/poll-until.ts";
import type { WakeUp } from "../../polling/wake-up.ts";
import type { LightlyRunReport } from "../../services/lightly/runs/lightly-run-report.ts";
import { lostError } from "../shared/step/lost-error.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import type { SelectionWait } from "./selection-wait.ts";

/** Wakes or ends a wait. */
export interface WaitControl {
  readonly wakeUp: WakeUp;
  /** Aborted with the error that ends the wait. */
  readonly abandoned: AbortController;
}

/** The state of a scheduled run that no worker has taken. */
const NOT_TAKEN = "OPEN";
/** How long the last state of a run may take to arrive after its worker has ended. */
const MAX_GRACE_MS = 10_000;

/**
 * Follows the events that other steps emit about the workers of the run. The wait polls immediately when a script has started or ended, and ends
 * when no worker is left:
 *
 * - every script has ended, and the last one has failed (`LIGHTLY_WORKER_ENDED`);
 * - every instance was stopped before a worker had taken the run (`LIGHTLY_WORKER_ENDED`), or was lost (`EC2_INSTANCE_LOST`);
 * - every script has succeeded, or the instance is ready and no script will be run, and no worker has taken the run within the limit
 *   (`LIGHTLY_NO_WORKER`). A script may end before its worker does: `docker run -d`.
 *
 * @returns a function that ends the subscriptions
 */
export function watchWorkers(context: StepContext, wait: SelectionWait, control: WaitControl): () => void {
  const working = new Set<string>();
  const instances = new Set<string>();
  /** The instances that were started for the run, with or without a running script. */
  const started = new Set<string>();
  let noWorker: AbortController | undefined;
  const limitFrom = (what: string, ids: readonly string[]): void => {
    if (wait.workerWithinMs > 0) {
      noWorker?.abort();
      noWorker = new AbortController();
      const signal = AbortSignal.any([noWorker.signal, control.abandoned.signal]);
      void endIfNotTaken(context, { what, ids, wait, control, signal });
    }
  };
  const areAllIn = (ids: readonly string[]): boolean =>
    instances.size > 0 && [...instances].every((id) => ids.includes(id));
  /** The stopped instances on which no script has started since. */
  const off = new Set<string>();

  const subscriptions = [
    context.events.subscribe("instances-started", ({ instanceIds }) => {
      for (const id of instanceIds) {
        started.add(id);
        off.delete(id);
      }
      limitFrom("its instance was ready", instanceIds);
    }),
    context.events.subscribe("command-started", ({ commandId, instanceId }) => {
      working.add(`${commandId}/${instanceId}`);
      instances.add(instanceId);
      off.delete(instanceId);
      noWorker?.abort();
      control.wakeUp.now();
    }),
    context.events.subscribe("command-ended", ({ commandId, instanceId, succeeded, summary, isLost }) => {
      working.delete(`${commandId}/${instanceId}`);
      control.wakeUp.now();
      if (working.size > 0 || isLost) {
        return;
      }
      if (!succeeded) {
        void endUnlessOver(wait, control, {
          after: wait.pollMs,
          isHopeless: () => true,
          error: workerEnded(wait, summary),
        });
      } else {
        limitFrom("the script had ended", [...instances]);
      }
    }),
    context.events.subscribeNew("instances-stopped", ({ instanceIds }) => {
      for (const id of instanceIds) {
        off.add(id);
      }
      if (areAllIn([...off])) {
        // After a successful script its worker may still run in the background, but not on a stopped instance.
        const error = workerEnded(wait, `Its instance was stopped: ${[...instances].join(", ")}.`);
        void endUnlessOver(wait, control, { after: wait.pollMs, isHopeless: (state) => state === NOT_TAKEN, error });
      }
    }),
    context.events.subscribeNew("instances-lost", ({ instanceIds, state }) => {
      for (const id of instanceIds) {
        off.add(id);
      }
      const all = [...new Set([...instances, ...started])];
      if (all.length > 0 && all.every((id) => off.has(id))) {
        const error = () => lostError(all.join(", "), state);
        void endUnlessOver(wait, control, { after: wait.pollMs, isHopeless: () => true, error });
      }
    }),
  ];
  return () => {
    for (const unsubscribe of subscriptions) {
      unsubscribe();
    }
    noWorker?.abort();
    control.abandoned.abort();
  };
}

/** Ends the wait unless a worker takes the run within the limit; `what` completes the sentence "... within 15 min after ...". */
async function endIfNotTaken(
  context: StepContext,
  {
    what,
    ids,
    wait,
    control,
    signal,
  }: { what: string; ids: readonly string[]; wait: SelectionWait; control: WaitControl; signal: AbortSignal },
): Promise<void> {
  const limit = formatDuration(wait.workerWithinMs);
  // The worker may have to process earlier runs first, and a script that has not started yet starts another worker.
  const isTooEarly = (): boolean =>
    context.instances.isAhead("command") || ids.some((id) => context.instances.neededByOthers(id).length > 0);
  let isDue = true;
  do {
    isDue = await systemClock.sleep(wait.workerWithinMs, signal).then(
      () => true,
      () => false,
    );
  } while (isDue && isTooEarly());
  if (isDue) {
    const error = (): PipelineError =>
      new PipelineError(
        "LIGHTLY_NO_WORKER",
        `No worker took the Lightly run ${wait.scheduledRunId} within ${limit} after ${what}. Check the output of the script: does it start the Lightly Worker, with the token of this account and a label that the run allows? If the worker needs longer, raise the worker timeout in lightly run.`,
        { details: { scheduledRunId: wait.scheduledRunId, datasetId: wait.datasetId } },
      );
    await endUnlessOver(wait, control, { after: 0, isHopeless: (state) => state === NOT_TAKEN, error });
  }
}

function workerEnded({ scheduledRunId, datasetId }: SelectionWait, summary: string): (state: string) => PipelineError {
  return (state) =>
    new PipelineError(
      "LIGHTLY_WORKER_ENDED",
      `The worker of the Lightly run ${scheduledRunId} has ended, but the run is still ${state}. ${summary}`,
      { details: { scheduledRunId, datasetId, state } },
    );
}

/** Reads the state of the run, and ends the wait if no worker can complete the run. */
async function endUnlessOver(
  wait: SelectionWait,
  { wakeUp, abandoned }: WaitControl,
  {
    after,
    isHopeless,
    error,
  }: { after: number; isHopeless: (state: string) => boolean; error: (state: string) => PipelineError },
): Promise<void> {
  const { readRun } = await import("../../services/lightly/runs/read-run.ts");
  try {
    await systemClock.sleep(Math.min(after, MAX_GRACE_MS), abandoned.signal);
    const { endState, state } = await pollUntil<LightlyRunReport>({
      goal: "Lightly to report the state of a run whose worker has ended",
      check: async (signal) => {
        // A permanent failure ends the monitor too, and with it this wait.
        const report = await readRun({ ...wait, signal }).catch(() => undefined);
        return report ? { done: report } : { wait: "unknown" };
      },
      delay: fixedDelay(wait.pollMs),
      timeoutMs: wait.timeoutMs,
      signal: abandoned.signal,
    });
    if (endState || !isHopeless(state)) {
      wakeUp.now();
      return;
    }
    abandoned.abort(error(state));
  } catch {
    // The wait is over. The monitor reports.
  }
}
