import { editorNodeId } from "../../../records/run-record.ts";
import type { RunSummary } from "../../../records/run-summary.ts";
import { flowOf } from "../../host/host.ts";
import type { RunNames } from "../../list/run-filter.ts";
import { meaningOf } from "./error-meaning.ts";
import { triggerLabel } from "./trigger-label.ts";

/** The name of a run's flow, of what has triggered it, and the meaning of its error. If the flow was deleted, its title is the name of the first step. */
export function namesOf({
  firstStep,
  trigger,
  errorCode,
}: Pick<RunSummary, "firstStep" | "trigger" | "errorCode">): RunNames & { title: string } {
  const flow = firstStep === undefined ? "" : flowOf(editorNodeId(firstStep));
  return { flow, title: flow || (firstStep?.name ?? ""), trigger: triggerLabel(trigger), error: meaningOf(errorCode) };
}
