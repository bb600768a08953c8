import { runs } from "../../../runs/run-registry.ts";
import type { Step } from "../../../runs/steps/step.ts";
import type { Message, Node, NodeAPI } from "../node-red.ts";
import { runIdOf, senderOf, sentItemOf } from "./messages/message-ids.ts";
import { triggerOf } from "./messages/triggers.ts";
import { shortName } from "./short-name.ts";
import type { StepHandler } from "./step-handler.ts";
import { subflowIds } from "./subflow-ids.ts";

/**
 * Starts a step of the run that a message belongs to.
 *
 * @returns undefined for a message that was sent again although the node has received it
 * @throws PipelineError `RUNS_LOCKED`: another Node-RED uses the runs
 */
export function beginWithMessage(
  red: NodeAPI,
  node: Node,
  { role, alwaysRuns = false }: StepHandler,
  msg: Message,
): Step | undefined {
  const runId = runIdOf(msg, () => red.util.generateId());
  const [parentStepId, parentItem] = [senderOf(msg), sentItemOf(msg)];
  if (parentStepId !== undefined && runs.isDuplicate(runId, node.id, parentStepId, parentItem)) {
    return undefined;
  }
  const name = node.name || shortName(node.type);
  const identity = { nodeId: node.id, type: node.type, role, name, ...subflowIds(node), alwaysRuns };
  const trigger = triggerOf(red, msg);
  return runs.begin(runId, identity, {
    ...{ afterError: msg.error !== undefined, message: msg, trigger },
    ...(parentStepId !== undefined && { parentStepId }),
    ...(parentItem !== undefined && { parentItem }),
  });
}
