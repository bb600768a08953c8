import type { Node } from "../node-red.ts";

/** Node-RED's flow of a node. Inside a subflow, its path is the id of the flow and those of the nested subflow nodes: `flow/subflow/subflow`. */
interface WithFlow {
  readonly _flow?: { readonly path?: unknown };
}

/**
 * The subflow node on a flow that contains a node. Each subflow node has copies of the subflow's nodes, whose ids the editor does not know.
 * The path is not documented; without it, nothing is returned.
 */
export function placeOf(node: Node): { readonly subflowNodeId?: string } {
  const { path } = (node as WithFlow)._flow ?? {};
  const [, subflowNodeId] = typeof path === "string" ? path.split("/") : [];
  return subflowNodeId ? { subflowNodeId } : {};
}
