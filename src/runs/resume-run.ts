import { toPipelineError } from "../errors/pipeline-error.ts";
import { restoreMessage } from "../messages/restore-message.ts";
import { instancesLeftRunning } from "../records/left-running.ts";
import type { RecordedError, RunRecord } from "../records/run-record.ts";
import type { Run } from "./run.ts";
import type { RegisteredNode, RegisteredNodes } from "./steps/registered-node.ts";
import type { Step } from "./steps/step.ts";

/** Resumes a run. Warns if it can't be resumed, without affecting other runs. */
export function resumeOrWarn(run: Run, warn: (text: string) => void): void {
  const { nodes, instances } = run.registry;
  warnOnFailure(run, warn, () => {
    if (resumeRun(run, nodes)) {
      const isGuarded = (id: string): boolean => instances.guardOf(id).hasControl;
      warn(describeAbandonedRun(run.liveRecord(), run.registry.liveRecords(), isGuarded));
    }
  });
}

/** Runs work for a run. An error becomes a warning, so that other runs are not affected. */
export function warnOnFailure({ runId }: Run, warn: (text: string) => void, work: () => void): void {
  try {
    work();
  } catch (error) {
    warn(`The run ${runId} could not be resumed: ${toPipelineError(error).message}`);
  }
}

/**
 * Resumes a run: each interrupted step continues in its node, and each pending message is sent again. If the node of a step was deleted,
 * the step and the run end as aborted.
 *
 * @returns whether the node of a step was deleted
 */
function resumeRun(run: Run, nodes: RegisteredNodes): boolean {
  if (!run.isActive) {
    return false;
  }
  for (const step of [...run.steps].filter(({ record }) => record.state === "completed" && !record.replacedBy)) {
    nodes.get(step.record.nodeId)?.reattach?.(step, step.received.restore());
  }
  const interrupted = run.steps.interrupted.map((step) => ({ step, node: nodes.get(step.record.nodeId) }));
  const orphans = interrupted.filter(({ node }) => !node);
  // Steps without a node come first, so that no step of a run that can't continue starts anything.
  for (const { step } of orphans) {
    step.abortWithoutNode(`${step.record.name} was deleted or disabled while the run was active.`);
    run.abandon(`${step.record.name} was deleted or disabled.`);
  }
  for (const { step, node } of interrupted) {
    if (node) {
      run.resume(step, node);
    }
  }
  for (const step of run.steps) {
    redeliver(step, nodes.get(step.record.nodeId));
  }
  return orphans.length > 0;
}

/** Sends the pending messages of a step again. Without the step's node they are lost. */
function redeliver(step: Step, node: RegisteredNode | undefined): void {
  if (!node) {
    step.outbox.expire(Number.POSITIVE_INFINITY);
  }
  for (const { outlet, item, message, omitted = [] } of step.outbox.pending) {
    const copy = restoreMessage({ value: message, omitted });
    const marked = { ...(copy as object), _lightly: { from: step.record.stepId, ...(item !== undefined && { item }) } };
    step.recordRedelivery(outlet, item);
    if (outlet === "error") {
      node?.sendError(marked, errorOf(step, item));
    } else {
      node?.send(marked, outlet);
    }
  }
}

function errorOf({ record }: Step, item: number | undefined): RecordedError {
  const failure = record.sequence?.failures.find(({ index }) => index === item);
  return (failure && { ...failure, details: {} }) ?? record.error ?? UNKNOWN_ERROR;
}

const UNKNOWN_ERROR = { code: "INTERNAL", message: "The step has failed.", details: {} } as const;

/**
 * Describes a run that can't be resumed for the user: which node is missing, which instance may still be running, and what to do about it.
 *
 * @param all - all known runs: any of them may have stopped the instance since
 * @param isGuarded - whether a guard can stop an instance, so that it is being stopped
 */
function describeAbandonedRun(
  run: RunRecord,
  all: readonly RunRecord[],
  isGuarded: (instanceId: string) => boolean,
): string {
  const what = `The run ${run.runId} was active when Node-RED ended or its flow was stopped, and can't be resumed: ${run.error?.message ?? "one of its nodes is gone"}`;
  const instances = instancesLeftRunning(run, all);
  if (instances.length === 0) {
    return what;
  }
  const names = instances.join(", ");
  if (instances.every(isGuarded)) {
    return `${what} The instances it started are being stopped: ${names}.`;
  }
  const may = instances.length === 1 ? "The instance it started may" : "The instances it started may";
  return `${what} ${may} still be running and cost money: ${names}. If they are not needed, send a message to an ec2 stop node, or stop them in the EC2 console. Where ec2 start has set a timer, they stop by themselves when it runs out.`;
}
