import type { Outlet } from "../../../../runs/steps/outbox.ts";
import type { Step } from "../../../../runs/steps/step.ts";
import { isCollected, nextSteps } from "../../flow/flow-graph.ts";
import type { Message, NodeAPI } from "../../node-red.ts";

/**
 * Records that a message leaves a step, and marks it with the id of the step.
 *
 * @param receivers - the nodes to which it is sent
 * @param item - the index of the message in the sequence of the step
 * @returns false if the step must not send it
 */
export function recordSend(
  red: NodeAPI,
  step: Step,
  outlet: Outlet,
  message: Message,
  receivers: readonly string[],
  item?: number,
): boolean {
  const to = nextSteps(red, receivers);
  const as = { item, isCollected: to.length > 0 && isCollected(red, receivers) };
  if (!step.recordSend(outlet, message, to, as)) {
    return false;
  }
  // Not an assignment, which throws for a frozen message.
  Reflect.set(message, "_lightly", { from: step.record.stepId, ...(item !== undefined && { item }) });
  return true;
}

/** Returns the array for Node-RED's `send` with a message on one output. */
export function onOutput(message: Message, output: number): Array<Message | null> {
  return [...Array.from({ length: output }, () => null), message];
}
