import { runs } from "../../../runs/run-registry.ts";
import { registerConfigured } from "../configuration/configured-nodes.ts";
import { showUnsetOnStart } from "../configuration/show-unset.ts";
import type { Message, Node, NodeAPI, Send, StepDef } from "../node-red.ts";
import { watchTriggers } from "./messages/triggers.ts";
import { NodeSteps } from "./node-steps.ts";
import { resumeRunsOnStart } from "./resume-on-start.ts";
import type { StepHandler } from "./step-handler.ts";

/**
 * Makes a node a step of the pipeline, with run id, abort, resume, retries, status, errors and `done`.
 *
 * A step that is aborted because its node closes or because another step of its run has failed does not reach Catch, because the failure
 * that caused it already has. It sends only if its handler resolves.
 */
export function stepNode(red: NodeAPI, node: Node, def: StepDef, handler: StepHandler): void {
  const steps = new NodeSteps({ red, node, def, handler });
  runs.nodes.register(node.id, steps);
  registerConfigured(red, node, def);
  showUnsetOnStart(red);
  resumeRunsOnStart(red);
  watchTriggers(red);
  // Node-RED counts the parameters of a listener.
  node.on("input", (msg, send, done) => steps.receive(msg as Message, send as Send, done));
  node.on("close", (removed: boolean, closed: () => void) => {
    runs.nodes.unregister(node.id, steps);
    void steps.close(removed).then(() => closed());
  });
}
