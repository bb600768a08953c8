import { stepsToRetry } from "../../runs/records/retry-plan.ts";
import type { RunRecord } from "../../runs/records/run-record.ts";
import type { RunAction } from "../parts/requests.ts";

/** Steps that clean up go on to their end, whatever is asked. */
const CLEANS_UP = "lightly-ec2-stop";

/**
 * What makes sense for a run as it stands.
 *
 * @param isThere - whether a node is in a flow
 */
export function possibleActions(run: RunRecord, isThere: (nodeId: string) => boolean): Set<RunAction> {
  const actions = new Set<RunAction>();
  if (run.steps.some(({ state, type }) => state === "working" && type !== CLEANS_UP)) {
    return actions.add("abort");
  }
  if (run.steps.some(({ state }) => state === "working" || state === "interrupted")) {
    return actions;
  }
  const nodeOf = (id: string): string => run.steps.find(({ stepId }) => stepId === id)?.nodeId ?? "";
  const toRetry = stepsToRetry(run);
  if (toRetry.length > 0 && toRetry.every((id) => isThere(nodeOf(id)))) {
    actions.add("retry");
  }
  const first = run.steps.filter(({ from, redoneBy }) => from === undefined && redoneBy === undefined);
  if (first.length > 0 && first.every(({ nodeId }) => isThere(nodeId))) {
    actions.add("again");
  }
  return actions;
}
