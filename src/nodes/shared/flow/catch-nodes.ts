import type { Node, NodeAPI } from "../node-red.ts";

/** A member of a running flow. The published types do not contain it. */
interface Member extends Node {
  readonly g?: string;
}

interface CatchNode extends Member {
  readonly scope?: readonly string[] | "group" | null;
  readonly uncaught?: boolean;
}

/** A tab, or a subflow instance. */
interface RunningFlow {
  readonly catchNodes?: readonly CatchNode[];
  readonly groups?: Readonly<Record<string, { readonly id: string; readonly g?: string }>>;
  readonly parent?: RunningFlow;
  /** The node of a subflow instance. */
  readonly node?: Member;
  readonly TYPE?: string;
}

/**
 * Returns the Catch nodes that receive a node's errors, by the rules of Node-RED (`Flow.handleError`): those of its flow whose scope
 * contains the node; `uncaught` ones only if no other receives it; those around a subflow only if none inside receives it.
 */
export function catchNodesFor(red: NodeAPI, node: Node): Node[] {
  let reporting: Member = node;
  let flow = enclosing((node as unknown as { _flow?: RunningFlow })._flow);
  if (!flow) {
    return byDefinition(red, node);
  }
  while (flow) {
    const { catchNodes = [], groups = {} }: RunningFlow = flow;
    const hearing = catchNodes.filter((one) => catchesFrom(one, reporting, groups));
    const first = hearing.filter(({ uncaught }) => !uncaught);
    if (hearing.length > 0) {
      return first.length > 0 ? first : hearing;
    }
    const { node: instance, parent }: RunningFlow = flow;
    if (!instance) {
      return [];
    }
    reporting = instance;
    flow = enclosing(parent);
  }
  return [];
}

/** Returns the flow around a subflow instance, whose parent may be a group. */
function enclosing(parent: RunningFlow | undefined): RunningFlow | undefined {
  let flow = parent;
  while (flow && !flow.catchNodes) {
    flow = flow.parent;
  }
  return flow;
}

function catchesFrom({ scope, g }: CatchNode, reporting: Member, groups: NonNullable<RunningFlow["groups"]>): boolean {
  if (Array.isArray(scope)) {
    return scope.includes(reporting.id);
  }
  if (scope !== "group" || g === undefined) {
    return true;
  }
  let group = reporting.g === undefined ? undefined : groups[reporting.g];
  while (group && group.id !== g) {
    group = group.g === undefined ? undefined : groups[group.g];
  }
  return group !== undefined;
}

/** If the runtime does not expose its flows: finds the nodes in the flow file, which has no subflow instances. */
function byDefinition(red: NodeAPI, node: Node): Node[] {
  const found: Node[] = [];
  red.nodes.eachNode((def) => {
    const { id, type, z, scope } = def as { id: string; type: string; z?: string; scope?: unknown };
    const isInScope = type === "catch" && z === node.z && (!Array.isArray(scope) || scope.includes(node.id));
    const catcher = isInScope ? (red.nodes.getNode(id) as Node | null | undefined) : undefined;
    if (catcher) {
      found.push(catcher);
    }
  });
  return found;
}
