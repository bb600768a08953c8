import { restoreMessage } from "./messages/restore-message.ts";
import type { Step } from "./steps/step.ts";
import type { StepDoor } from "./steps/step-door.ts";

/** Hands on once more what a step has handed on and nobody has taken up; without its node, that is lost. */
export function handOnAgain(step: Step, door: StepDoor | undefined): void {
  if (!door) {
    step.outbox.expire(Number.POSITIVE_INFINITY);
  }
  for (const { outlet, message, leftOut = [] } of step.outbox.pending) {
    const copy = restoreMessage({ value: message, leftOut });
    const marked = { ...(copy as object), _lightly: { from: step.record.stepId } };
    step.handOnAgain(outlet);
    if (outlet === "error") {
      door?.failAgain(marked, step.record.error ?? UNKNOWN);
    } else {
      door?.handOn(marked, outlet);
    }
  }
}

const UNKNOWN = { code: "INTERNAL", message: "The step has failed.", details: {} } as const;
