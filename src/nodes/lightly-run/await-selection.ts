import { WakeUp } from "../../polling/wake-up.ts";
import type { LightlyEndState, LightlyRunReport } from "../../services/lightly/runs/lightly-run-report.ts";
import type { SelectionTag } from "../../services/lightly/tags/worker-run-tag.ts";
import type { StepContext } from "../shared/step/step-context.ts";
import { abandonment, earlierFailure } from "../shared/step/waits/abandoned-wait.ts";
import type { SelectionWait } from "./selection-wait.ts";
import { watchWorkers } from "./watch-workers.ts";

/** The end of a selection. A completed selection has the tag with the selected samples. */
export type SelectionEnd = LightlyRunReport & { endState: LightlyEndState; tag?: SelectionTag };

/** The time limit for canceling a run. */
const CANCEL_TIMEOUT_MS = 10_000;
/** Shorter than the limit of the run, because the instance may be running. */
const TAG_TIMEOUT_MS = 15 * 60_000;

/**
 * Waits for a scheduled run, and polls immediately when the command of the worker ends. If the wait ends early, the run is canceled if
 * Lightly allows it, which is as long as no worker has taken it.
 *
 * @throws PipelineError `LIGHTLY_WORKER_ENDED`, `LIGHTLY_NO_WORKER`, `EC2_INSTANCE_LOST` if no worker is left that could process the run (see
 *   {@link watchWorkers}); `TIMED_OUT`, `ABORTED`, and the errors of {@link monitorRun}
 */
export async function awaitSelection(context: StepContext, wait: SelectionWait): Promise<SelectionEnd> {
  const { monitorRun } = await import("../../services/lightly/runs/monitor-run.ts");
  const { signal } = context;
  const earlier = earlierFailure(context);
  if (earlier) {
    return await abandonWait(context, wait, earlier);
  }
  const wakeUp = new WakeUp();
  const abandoned = new AbortController();
  const unwatch = watchWorkers(context, wait, { wakeUp, abandoned });
  try {
    const report = await monitorRun({
      ...wait,
      wakeUp,
      signal: AbortSignal.any([signal, abandoned.signal]),
    });
    return report.endState === "COMPLETED" ? await withTag(wait, report, signal) : report;
  } catch (error) {
    const reason: unknown = abandoned.signal.aborted && !signal.aborted ? abandoned.signal.reason : error;
    if (context.isClosed) {
      throw reason;
    }
    return await abandonWait(context, wait, reason);
  } finally {
    unwatch();
    context.events.emit({ kind: "selection", state: "over" });
  }
}

/**
 * Ends a wait that can't or must not continue. If the run was stopped on purpose, its end is a result (second output). A failure reaches
 * Catch.
 */
async function abandonWait(context: StepContext, wait: SelectionWait, reason: unknown): Promise<SelectionEnd> {
  const { status, signal, warn } = context;
  status.show("working", "canceling");
  const failed = signal.aborted ? undefined : abandonment(reason, context);
  if (failed) {
    // After a crash the step finds the run canceled, and must know that it was not canceled by a user.
    await context.saveCheckpoint({ abandoned: failed });
  }
  const { cancelRun } = await import("../../services/lightly/runs/cancel-run.ts");
  const canceled = await cancelRun({ ...wait, signal: AbortSignal.timeout(CANCEL_TIMEOUT_MS) }).catch(
    () => "unknown" as const,
  );
  if (canceled === "running") {
    warn(
      `A worker already has the Lightly run ${wait.scheduledRunId}, and continues with it. Only stopping the instance ends it.`,
    );
  }
  if (canceled === "canceled") {
    // A further attempt of the step must not wait for a canceled run.
    await context.saveCheckpoint(
      failed ? { abandoned: { ...failed, isCanceled: true } } : { configId: undefined, scheduledRunId: undefined },
    );
  }
  if (!signal.aborted) {
    throw reason;
  }
  return {
    state: canceled === "canceled" ? "CANCELED" : "DETACHED",
    endState: "CANCELED",
    message:
      canceled === "running"
        ? "The wait was canceled, but a worker already has the run. Only stopping the instance ends it."
        : `The wait was canceled. The scheduled run: ${canceled}.`,
  };
}

async function withTag(
  wait: SelectionWait,
  report: LightlyRunReport & { endState: LightlyEndState },
  signal: AbortSignal,
): Promise<SelectionEnd> {
  const { workerRunId } = report;
  if (workerRunId === undefined) {
    return report;
  }
  const { workerRunTag } = await import("../../services/lightly/tags/worker-run-tag.ts");
  const { retryUntilResponse } = await import("../../services/lightly/client/retry-until-response.ts");
  // The worker has completed hours of work: one unexpected response must not fail the step.
  const tag = await retryUntilResponse({
    goal: `Lightly to report the tag of its run ${workerRunId}`,
    request: (until) => workerRunTag({ ...wait, workerRunId, signal: until }),
    clock: wait.client.clock,
    pauseMs: wait.pollMs,
    timeoutMs: TAG_TIMEOUT_MS,
    signal,
  });
  return tag ? { ...report, tag } : report;
}
