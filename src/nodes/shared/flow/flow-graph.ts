import { runs } from "../../../runs/run-registry.ts";
import { ANY_STEP } from "../../../runs/steps/outbox.ts";
import type { Node, NodeAPI } from "../node-red.ts";
import { catchNodesFor } from "./catch-nodes.ts";
import { LinkNodes, type Position, type Wired, wiredTo } from "./link-nodes.ts";

/**
 * Returns the first steps that a message to these nodes may reach, through other nodes, links and subflows: node ids, and {@link ANY_STEP}
 * if only the message knows them (a dynamic link call).
 */
export function nextSteps(red: NodeAPI, nodeIds: readonly string[]): string[] {
  const found = new Set<string>();
  const isOpen = walk(red, nodeIds, (id) => {
    const isStep = runs.nodes.has(id);
    if (isStep) {
      found.add(id);
    }
    return !isStep;
  });
  return isOpen ? [...found, ANY_STEP] : [...found];
}

/** The core nodes that keep messages until they have all of a sequence. */
const COLLECTING: readonly string[] = ["join", "batch"];

/** Whether a message to these nodes waits in a join node on every way to a step. */
export function isCollected(red: NodeAPI, nodeIds: readonly string[]): boolean {
  let reachesStep = false;
  const isOpen = walk(red, nodeIds, (id) => {
    const isStep = runs.nodes.has(id);
    reachesStep ||= isStep;
    return !isStep && !COLLECTING.includes((red.nodes.getNode(id) as Node | null)?.type ?? "");
  });
  return !reachesStep && !isOpen;
}

/** Returns all steps that a message to these nodes may reach: also through other steps, and through their Catch nodes. */
export function stepsReached(red: NodeAPI, nodeIds: readonly string[]): string[] {
  const found = new Set<string>();
  for (let waiting = [...nodeIds]; waiting.length > 0; ) {
    const next: string[] = [];
    walk(red, waiting, (id) => {
      const node =
        runs.nodes.has(id) && !found.has(id) ? (red.nodes.getNode(id) as Node | null | undefined) : undefined;
      if (node) {
        found.add(id);
        next.push(...nodesAfterCatch(red, node));
      }
      return true;
    });
    waiting = next;
  }
  return [...found];
}

/** Whether a message that leaves a node may reach another one, according to the flow. */
export function leadsTo(red: NodeAPI, from: Node, nodeId: string): boolean {
  let isFound = false;
  walk(red, nodesAfter(from), (id) => {
    isFound ||= id === nodeId;
    return true;
  });
  return isFound;
}

/** The nodes to which one output of a node is wired. */
export function nodesAfterOutput(node: Node, output: number): readonly string[] {
  const { wires } = node as unknown as Wired;
  return wiredTo({ ...(node as unknown as Wired), wires: [wires?.[output] ?? []] });
}

/** The nodes that are wired to the Catch nodes of a node. */
export function nodesAfterCatch(red: NodeAPI, node: Node): string[] {
  return catchNodesFor(red, node).flatMap(nodesAfter);
}

/** The nodes to which any output of a node is wired. */
export function nodesAfter(node: Node): string[] {
  return wiredTo(node as unknown as Wired);
}

/**
 * Visits every node that a message may reach.
 *
 * @param passes - called with each node, possibly more than once; returns whether the message passes the node
 * @returns whether the message may reach other, unknown nodes too
 */
function walk(red: NodeAPI, nodeIds: readonly string[], passes: (id: string) => boolean): boolean {
  const links = new LinkNodes(red);
  const seen = new Set<string>();
  const waiting: Position[] = nodeIds.map((id) => ({ id, isCalled: false }));
  let isOpen = false;
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { id, isCalled } = place;
    const key = `${isCalled} ${id}`;
    const node = red.nodes.getNode(id) as Node | null | undefined;
    if (!node || seen.has(key)) {
      continue;
    }
    seen.add(key);
    if (passes(id)) {
      const ways = links.nextPositions(node as unknown as Wired, isCalled, passes);
      waiting.push(...ways.positions);
      isOpen ||= ways.isOpen;
    }
  }
  return isOpen;
}
