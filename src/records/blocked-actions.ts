import { stepsToRetry } from "./retry-plan.ts";
import { firstSteps, type RunRecord } from "./run-record.ts";

/** What a user can do with a run. */
export type RunAction = "abort" | "retry" | "rerun" | "delete";

/**
 * Why an action is not possible now: the run has `ended`, only its `stopping` steps still run, it is still `active`, it has `notFailed`, a
 * `nodeGone`, a `messageGone`, or the runs are `locked` by another Node-RED.
 */
export type BlockReason = "ended" | "stopping" | "active" | "notFailed" | "nodeGone" | "messageGone" | "locked";

/** The actions that are not possible, each with the reason. */
export type BlockedActions = Readonly<Partial<Record<RunAction, BlockReason>>>;

export interface BlockedActionsOptions {
  /** Whether a node is in a running flow. */
  readonly hasNode: (nodeId: string) => boolean;
  /** Whether the message that a step has received was saved. */
  readonly hasMessage: (stepId: string) => boolean;
  /** Whether a step is running or interrupted, or a message is on its way. */
  readonly isActive: boolean;
}

/** All actions of a run that another Node-RED uses. */
export const LOCKED: BlockedActions = { abort: "locked", retry: "locked", rerun: "locked", delete: "locked" };

/** The actions that are not possible in the current state of a run. */
export function blockedActions(run: RunRecord, options: BlockedActionsOptions): BlockedActions {
  const reasons = {
    abort: whyNotAbort(run, options),
    retry: whyNotRetry(run, options),
    rerun: whyNotRerun(run, options),
    delete: options.isActive ? "active" : undefined,
  } as const;
  return Object.fromEntries(Object.entries(reasons).filter(([, reason]) => reason !== undefined));
}

function whyNotAbort({ steps }: RunRecord, { isActive }: BlockedActionsOptions): BlockReason | undefined {
  if (steps.some(({ state, role }) => state === "running" && role !== "stop")) {
    return undefined;
  }
  return isActive ? "stopping" : "ended";
}

function whyNotRetry(run: RunRecord, { isActive, hasNode }: BlockedActionsOptions): BlockReason | undefined {
  if (isActive) {
    return "active";
  }
  const stepIds = new Set(stepsToRetry(run));
  if (stepIds.size === 0) {
    return "notFailed";
  }
  return run.steps.every(({ stepId, nodeId }) => !stepIds.has(stepId) || hasNode(nodeId)) ? undefined : "nodeGone";
}

function whyNotRerun(
  { steps }: RunRecord,
  { isActive, hasNode, hasMessage }: BlockedActionsOptions,
): BlockReason | undefined {
  if (isActive) {
    return "active";
  }
  const first = firstSteps(steps);
  if (first.length === 0 || !first.every(({ nodeId }) => hasNode(nodeId))) {
    return "nodeGone";
  }
  return first.every(({ stepId }) => hasMessage(stepId)) ? undefined : "messageGone";
}
