import type { InstanceGuard } from "../../instances/instance-guard.ts";
import { instancesToStop } from "../../records/instances-to-stop.ts";
import type { RunRecord } from "../../records/run-record.ts";
import type { Run } from "../run.ts";
import type { AllInstances } from "./all-instances.ts";

/** A start that waits for capacity may be accepted by EC2 long after the last change of the run in the journal. */
const LAUNCH_SLACK_MS = 30 * 60_000;
/** After this time, an instance that a run has left running is no longer stopped automatically. */
const RESPONSIBLE_FOR_MS = 24 * 60 * 60_000;

/** Stops the instances that a run has started and will not stop itself: see {@link instancesToStop}. Call it after each change and restart. */
export function stopInstancesLeftRunning(run: Run): void {
  const { runId, lastChangeAt } = run;
  const { instances } = run.registry;
  if (run.now() - lastChangeAt > RESPONSIBLE_FOR_MS) {
    return;
  }
  // Without the other steps, because this runs after each change, even in a run with thousands of uploads.
  const steps = run.steps.withRoles("start", "stop").map((step) => step.record);
  const ids = instancesToStop({ steps }, run);
  if (ids.length === 0) {
    return;
  }
  const record = run.liveRecord();
  instances.leases.release(runId, ids);
  for (const id of ids) {
    const guard = instances.guardOf(id);
    useControlOfAccount(guard, record, instances);
    if (!guard.hasOrder(runId) && instances.leases.neededByOthers(runId, id).length === 0) {
      stopAndReport(guard, run, record);
    }
  }
}

/** After a restart, the node that sets the clients of a guard may be deleted. Then the clients of its account are used. */
function useControlOfAccount(guard: InstanceGuard, { steps }: RunRecord, { findControl }: AllInstances): void {
  const account = steps.map(({ checkpoint }) => checkpoint?.account).findLast((id) => typeof id === "string");
  const control = guard.hasControl || account === undefined ? undefined : findControl(account as string);
  if (control) {
    guard.useControl(control);
  }
}

function stopAndReport(guard: InstanceGuard, { runId, isAbandoned, lastChangeAt }: Run, record: RunRecord): void {
  const { instanceId } = guard;
  const reason = describeReason(record, isAbandoned);
  let isReported = reason === undefined;
  const stopped = guard.stop({
    by: runId,
    key: runId,
    launchedBefore: lastChangeAt + LAUNCH_SLACK_MS,
    onRetry: ({ message }) => {
      if (!isReported) {
        isReported = true;
        guard.warn(
          `${reason} ${instanceId} could not be stopped yet: it may still be running and cost money. Node-RED keeps trying. ${message}`,
        );
      }
    },
  });
  stopped.then(
    (result) => {
      if (result && !(result.instance.wasStopped && reason === undefined)) {
        guard.warn(`${reason ?? `The run ${runId} could not stop its instance.`} ${instanceId} was stopped.`);
      }
    },
    () => undefined,
  );
}

/** Undefined if a stop step has already reported its failure. */
function describeReason({ runId, steps }: RunRecord, isAbandoned: boolean): string | undefined {
  if (isAbandoned) {
    return `The run ${runId} can't continue without its node.`;
  }
  if (steps.some((step) => step.state === "skipped")) {
    return `The run ${runId} was over before its instance was ready.`;
  }
  if (steps.some(({ role, state }) => role === "stop" && state === "failed")) {
    return undefined;
  }
  return steps.some(({ role, state }) => role === "start" && state === "completed")
    ? `The run ${runId} has ended, and none of its steps has stopped its instance.`
    : `The run ${runId} has ended before its instance was ready.`;
}
