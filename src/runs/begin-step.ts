import { partsOf } from "../messages/message-parts.ts";
import { copyMessage } from "../messages/safe-copy.ts";
import type { RunList } from "./run-list.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { Step } from "./steps/step.ts";
import type { StepIdentity, StepStart } from "./steps/step-origin.ts";

/** Starts a step of the run `runId`, and acknowledges its message to the sender. A run begins with its first step. */
export function beginStep(
  registry: RunRegistry,
  runId: string,
  identity: StepIdentity,
  { message, parentStepId, parentItem, trigger, ...start }: StepStart,
): Step {
  const { all } = registry;
  const received = message === undefined ? {} : { received: copyMessage(message), live: message };
  if (!all.has(runId)) {
    clearStatusesBefore(registry, identity.nodeId);
  }
  const parts = partsOf(message);
  const item = all.itemOf(parts);
  const isItemSender = parentItem !== undefined || all.stepById(parentStepId)?.record.item !== undefined;
  // A join node has made it from messages of a sequence, and merged the error of one of them into it: it is not the message of a Catch node.
  const afterError = start.afterError === true && !(isItemSender && item === undefined);
  const run = all.get(runId) ?? registry.create(runId, trigger);
  const step = run.begin(identity, { ...received, afterError, parentStepId, item });
  const sender = parentStepId === undefined ? undefined : all.runOfStep(parentStepId);
  const acknowledge = (): void => sender?.steps.acknowledge(parentStepId ?? "", identity.nodeId, parts, parentItem);
  if (sender === undefined || sender === run) {
    acknowledge();
  } else {
    // Each run has its own file: after a crash, the message must be in one of them.
    void registry.save(run).then(acknowledge);
  }
  return step;
}

/** A new run starts at a node: the nodes of the run before it no longer show what that run has left, if it is over. */
function clearStatusesBefore({ all, nodes }: RunRegistry, nodeId: string): void {
  const last = [...all].findLast((run) => run.steps.hasNode(nodeId));
  if (last && !last.isActive) {
    for (const { record } of last.steps) {
      nodes.get(record.nodeId)?.clearStatus?.();
    }
  }
}

/** A message of a step to a node. */
interface SentMessage {
  readonly runId: string;
  readonly nodeId: string;
  readonly parentStepId: string;
  /** The index of the message in the sequence of its sender. */
  readonly parentItem: number | undefined;
}

/** Whether a message was sent more than once, and the node has already started a step with it. Then it is acknowledged again. */
export function wasReceived(all: RunList, { runId, nodeId, parentStepId, parentItem }: SentMessage): boolean {
  const isReceived = all.get(runId)?.steps.hasReceived(parentStepId, nodeId, parentItem) ?? false;
  const sender = all.stepById(parentStepId);
  if (!isReceived || !sender?.outbox.hasRedelivered) {
    return false;
  }
  sender.outbox.acknowledge(nodeId, parentItem);
  return true;
}
