import type { StepRecord } from "../../../records/run-record.ts";
import type { Node } from "../node-red.ts";

/** The members of a runtime node that the published types do not have. */
interface RuntimeNode {
  /** Node-RED's flow. Inside a subflow, its path is the id of the flow and those of the nested subflow nodes: `flow/subflow/subflow`. */
  readonly _flow?: { readonly path?: unknown };
  /** The id in the template of the subflow. */
  readonly _alias?: unknown;
}

/**
 * The subflow node on a flow that contains a node, and the node of the template. Each subflow node has copies of the template's nodes, whose
 * ids the editor does not know. Both are not documented; without them, nothing is returned.
 */
export function subflowIds(node: Node): Pick<StepRecord, "subflowNodeId" | "templateNodeId"> {
  const { _flow: { path } = {}, _alias: template } = node as RuntimeNode;
  const [, subflowNodeId] = typeof path === "string" ? path.split("/") : [];
  return {
    ...(subflowNodeId && { subflowNodeId }),
    ...(typeof template === "string" && template !== "" && { templateNodeId: template }),
  };
}
