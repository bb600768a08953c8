import { journalWriteFailed } from "../../../../journal/save-failures.ts";
import type { Step } from "../../../../runs/steps/step.ts";
import type { Message } from "../../node-red.ts";
import { runIdIn } from "../messages/message-ids.ts";

/** `msg.cancel` cancels the selection of `msg.runId`, or those of all running steps of this node. */
export function cancelOnRequest(msg: Message, working: readonly Step[]): Promise<void> | undefined {
  return msg.cancel === true
    ? cancel(working.filter((step) => msg.runId === undefined || runIdIn(msg.runId) === step.runId))
    : undefined;
}

async function cancel(steps: readonly Step[]): Promise<void> {
  const saved = await Promise.all(steps.map((step) => step.cancel("a message with msg.cancel requested it.")));
  for (const [index, refusal] of saved.entries()) {
    if (refusal) {
      const runId = steps[index]?.runId ?? "";
      throw journalWriteFailed(refusal, runId, `The selection of ${runId} is canceled, but that is not on disk`);
    }
  }
}
