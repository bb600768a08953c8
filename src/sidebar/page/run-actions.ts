import { stepsToRetry } from "../../runs/records/retry-plan.ts";
import type { RunRecord } from "../../runs/records/run-record.ts";
import type { RunAction } from "../parts/requests.ts";

/**
 * The actions that are possible in the current state of a run.
 *
 * @param hasNode - whether a node is in a flow
 */
export function possibleActions(run: RunRecord, hasNode: (nodeId: string) => boolean): Set<RunAction> {
  const actions = new Set<RunAction>();
  if (run.steps.some(({ state, role }) => state === "running" && role !== "stop")) {
    return actions.add("abort");
  }
  if (run.steps.some(({ state }) => state === "running" || state === "interrupted")) {
    return actions;
  }
  const nodeOf = (id: string): string => run.steps.find(({ stepId }) => stepId === id)?.nodeId ?? "";
  const toRetry = stepsToRetry(run);
  if (toRetry.length > 0 && toRetry.every((id) => hasNode(nodeOf(id)))) {
    actions.add("retry");
  }
  const first = run.steps.filter(
    ({ parentStepId, replacedBy }) => parentStepId === undefined && replacedBy === undefined,
  );
  if (first.length > 0 && first.every(({ nodeId }) => hasNode(nodeId))) {
    actions.add("rerun");
  }
  return actions;
}
