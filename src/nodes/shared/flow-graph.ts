import { ANY_STEP } from "../../runs/messages/handed-on.ts";
import { runs } from "../../runs/run-registry.ts";
import type { Node, NodeAPI } from "./node-red.ts";

/** What a runtime node knows of the wires behind it; the published types leave that out. */
interface Wired {
  readonly type: string;
  readonly wires?: ReadonlyArray<readonly string[]>;
}

/** What is behind these the runtime does not tell. */
const OPAQUE = /^(link out|link call|subflow:.*)$/;

/**
 * The steps to which a message comes first that leaves for these nodes: node ids, and {@link ANY_STEP} for what a link or a subflow
 * may lead to. It goes through other nodes, but not through steps.
 */
export function nextSteps(red: NodeAPI, nodeIds: readonly string[]): string[] {
  const found = new Set<string>();
  walk(red, nodeIds, (id, node) => {
    if (runs.isOpen(id)) {
      found.add(id);
      return "enough";
    }
    if (OPAQUE.test(node.type)) {
      found.add(ANY_STEP);
    }
    return "go on";
  });
  return [...found];
}

/** Whether a message that leaves a node may come to another one. */
export function leadsTo(red: NodeAPI, from: Node, nodeId: string): boolean {
  let isFound = false;
  walk(red, behind(from), (id) => {
    isFound ||= id === nodeId;
    return "go on";
  });
  return isFound;
}

/** The nodes to which one output of a node is wired. */
export function behindOutput(node: Node, output: number): readonly string[] {
  return (node as unknown as Wired).wires?.[output] ?? [];
}

/** The nodes behind the Catch nodes that hear of a node's errors. */
export function behindCatch(red: NodeAPI, node: Node): string[] {
  const found: string[] = [];
  red.nodes.eachNode((def) => {
    const { id, type, z, scope } = def as { id: string; type: string; z?: string; scope?: unknown };
    const hears = type === "catch" && z === node.z && (!Array.isArray(scope) || scope.includes(node.id));
    const catcher = hears ? (red.nodes.getNode(id) as Node | null | undefined) : undefined;
    if (catcher) {
      found.push(...behind(catcher));
    }
  });
  return found;
}

/** The nodes to which any output of a node is wired. */
export function behind(node: Node): string[] {
  return ((node as unknown as Wired).wires ?? []).flat();
}

function walk(red: NodeAPI, nodeIds: readonly string[], visit: (id: string, node: Wired) => "go on" | "enough"): void {
  const seen = new Set<string>();
  const waiting = [...nodeIds];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = red.nodes.getNode(id) as Node | null | undefined;
    if (node && !seen.has(id)) {
      seen.add(id);
      if (visit(id, node as unknown as Wired) === "go on") {
        waiting.push(...behind(node));
      }
    }
  }
}
