import type { RunTrigger } from "../../../records/run-record.ts";
import { labelOf, text } from "../../host/host.ts";

/** The label of a run's trigger: its node's current label, or its recorded name if the node was deleted. Empty if unknown. */
export function triggerLabel(trigger: RunTrigger | undefined): string {
  switch (trigger?.kind) {
    case "node":
      return labelOf(trigger.nodeId) || trigger.name;
    case "rerun":
      return `${text("action.rerun")} (${trigger.runId})`;
    default:
      return "";
  }
}
