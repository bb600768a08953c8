import type { FlowNode } from "../../check/flow-node.ts";
import {
  type ConfiguredNode,
  configuredNodes,
  originOf,
  variableOf,
} from "../../nodes/shared/configuration/configured-nodes.ts";
import type { NodeAPI } from "../../nodes/shared/node-red.ts";

/** The members of a runtime node that the published types do not have. */
interface Placed {
  /** The ids of the tab and the subflow instances around it, and its own, separated by slashes. */
  readonly _path?: string;
  /** The id in the subflow, for a node of a subflow instance. */
  readonly _alias?: string;
}

/**
 * The steps of a flow that are running, and all accounts.
 *
 * @param flow - the id of a tab or a subflow; empty for all flows
 */
export function nodesOf(red: NodeAPI, flow: string): FlowNode[] {
  const inSubflow = new Set<string>();
  red.nodes.eachNode(({ id, ...def }) => {
    if ((def as { z?: string }).z === flow) {
      inSubflow.add(id);
    }
  });
  return configuredNodes()
    .filter(({ node }) => {
      const { _alias = "" } = node as Placed;
      return flow === "" || node.type.endsWith("-account") || flowOf(node) === flow || inSubflow.has(_alias);
    })
    .map(flowNode);
}

function flowNode({ red, node, def }: ConfiguredNode): FlowNode {
  const isAccount = node.type.endsWith("-account");
  return {
    id: node.id,
    type: node.type,
    name: node.name ?? "",
    flowId: isAccount ? "" : flowOf(node),
    stored: { ...def, ...Object(node.credentials) },
    variable: (name) => (isAccount ? process.env[name] : variableOf(red, node, name)),
    origin: (name) => originOf(red, node, name).name,
  };
}

function flowOf(node: object): string {
  return (node as Placed)._path?.split("/")[0] ?? "";
}
