import type { RunTrigger } from "../../runs/records/run-record.ts";
import { labelOf, text } from "./editor.ts";

/** How the panel names what a run began with: the node as the workspace shows it, else as it was called; blank when unknown. */
export function triggerName(trigger: RunTrigger | undefined): string {
  switch (trigger?.kind) {
    case "node":
      return labelOf(trigger.nodeId) || trigger.name;
    case "rerun":
      return `${text("action.rerun")} (${trigger.runId})`;
    default:
      return "";
  }
}
