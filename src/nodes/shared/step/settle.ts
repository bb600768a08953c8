import { toPipelineError } from "../../../errors/pipeline-error.ts";
import type { Message, Node } from "../node-red.ts";
import { plainPart } from "./messages/plain-part.ts";
import type { StepResult } from "./step-work.ts";

/** Node-RED's callback for the end of a message. */
export type Done = (error?: Error) => void;

/**
 * Informs Complete or Catch nodes of the end of a message. Never throws. They get clones, and some messages can't be cloned. Then Catch gets
 * the plain part of the message.
 */
export function settle(node: Node, result: StepResult, done: Done, msg: Message): void {
  try {
    if (result === "completed") {
      done();
    } else if (result !== "dropped") {
      done(result);
    }
  } catch (thrown) {
    const why = toPipelineError(thrown).message;
    if (typeof result === "string") {
      node.warn(`Complete nodes were not informed, because the message can't be cloned: ${why}`);
      return;
    }
    node.warn(`Catch gets the message without its objects, because they can't be cloned: ${why}`);
    try {
      node.error(result, plainPart(msg));
    } catch (again) {
      node.error(`${result.message} The flow was not informed: ${toPipelineError(again).message}`);
    }
  }
}
