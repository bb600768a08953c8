import { isOpen, type StepRecord } from "../../records/run-record.ts";
import type { StepContext } from "../shared/step/step-context.ts";

/**
 * Waits until the lightly runs of a parallel branch have had the buckets checked: nothing is paid for a worker that could not use them. A
 * failed check fails the run, and so aborts this step. A lightly run that comes later in the flow is not waited for.
 */
export async function untilAccessIsChecked(context: StepContext): Promise<void> {
  // A studio select checks nothing, and needs an instance that is on.
  const isUnchecked = ({ type, role, checkpoint = {}, ...step }: StepRecord): boolean =>
    role === "select" &&
    type !== "lightly-studio-select" &&
    isOpen(step) &&
    checkpoint.accessChecked !== true &&
    checkpoint.scheduledRunId === undefined;
  await context.waitForSteps(
    (steps) => !steps.some(isUnchecked),
    () => {
      context.progress({
        ...{ state: "waiting", message: "lightly run checks the buckets" },
        doing: { key: "checking", values: {} },
      });
      context.status.show("waiting", "checking");
    },
  );
}
