import { instancesToStop } from "../records/instances-to-stop.ts";
import type { RunRecord } from "../records/run-record.ts";
import { START, STOP } from "../records/step-roles.ts";
import type { InstanceControl } from "./instance-control.ts";
import type { InstanceGuard } from "./instance-guard.ts";
import type { InstanceGuards } from "./instance-guards.ts";
import type { Leases } from "./leases.ts";

/** A run as far as it matters for what it has left on. */
export interface LeavingRun {
  readonly runId: string;
  readonly isUnderWay: boolean;
  readonly isAbandoned: boolean;
  /** Milliseconds since 1970. */
  readonly lastChangeAt: number;
  liveRecord(): RunRecord;
}

/** What {@link stopLeftOn} asks. */
export interface LeftOnSurroundings {
  readonly leases: Leases;
  readonly guards: InstanceGuards;
  /** The clients of an account, where the nodes that have used it are gone. */
  readonly controlOf: (accountId: string) => InstanceControl | undefined;
  readonly now: number;
}

/** A start that waits for capacity is accepted long after the step's last entry in the journal. */
const LAUNCH_SLACK_MS = 30 * 60_000;
/** What a run has left on for longer is the user's business by now. */
const OURS_FOR_MS = 24 * 60 * 60_000;

/**
 * Has the guards stop what a run has started and will not stop itself: see {@link instancesToStop}. Level by level, so that it may be
 * called at each change of the run, and after a restart.
 */
export function stopLeftOn(run: LeavingRun, { leases, guards, controlOf, now }: LeftOnSurroundings): void {
  const { runId, lastChangeAt } = run;
  if (now - lastChangeAt > OURS_FOR_MS) {
    return;
  }
  const record = run.liveRecord();
  const ids = instancesToStop(record, run);
  leases.done(runId, ids);
  for (const id of ids) {
    const guard = guards.of(id);
    lendByAccount(guard, record, controlOf);
    if (!guard.hasOrder(runId) && leases.neededByOthers(runId, id).length === 0) {
      stopAndTell(guard, run, record);
    }
  }
}

/** The node that has lent its clients may be gone since a restart; its account still knows the instance. */
function lendByAccount(guard: InstanceGuard, { steps }: RunRecord, controlOf: LeftOnSurroundings["controlOf"]): void {
  const account = steps.map(({ checkpoint }) => checkpoint?.account).findLast((id) => typeof id === "string");
  const control = guard.hasControl || account === undefined ? undefined : controlOf(account as string);
  if (control) {
    guard.use(control);
  }
}

function stopAndTell(guard: InstanceGuard, { runId, isAbandoned, lastChangeAt }: LeavingRun, record: RunRecord): void {
  const { instanceId } = guard;
  const what = describe(record, isAbandoned);
  let isTold = what === undefined;
  const stopped = guard.stop({
    by: runId,
    key: runId,
    launchedBefore: lastChangeAt + LAUNCH_SLACK_MS,
    onTrouble: ({ message }) => {
      if (!isTold) {
        isTold = true;
        guard.warn(
          `${what} ${instanceId} could not be stopped yet: it may still be running and cost money. Node-RED keeps trying. ${message}`,
        );
      }
    },
  });
  stopped.then(
    (off) => {
      if (off && !(off.instance.wasStopped && what === undefined)) {
        guard.warn(`${what ?? `The run ${runId} had not been able to stop its instance.`} ${instanceId} was stopped.`);
      }
    },
    () => undefined,
  );
}

/** Undefined where a stop step has told its failure already. */
function describe({ runId, steps }: RunRecord, isAbandoned: boolean): string | undefined {
  if (isAbandoned) {
    return `The run ${runId} can't go on without its node.`;
  }
  if (steps.some((step) => step.state === "skipped")) {
    return `The run ${runId} was over before its instance was ready.`;
  }
  if (steps.some(({ type, state }) => type === STOP && state === "failed")) {
    return undefined;
  }
  return steps.some(({ type, state }) => type === START && state === "completed")
    ? `The run ${runId} has ended, and no step of it has stopped its instance.`
    : `The run ${runId} has ended before its instance was ready.`;
}
