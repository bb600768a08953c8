import type { Node, NodeAPI } from "../node-red.ts";

/** A node that errors are told of, as the runtime knows it; the published types leave that out. */
interface Member extends Node {
  readonly g?: string;
}

interface CatchNode extends Member {
  readonly scope?: readonly string[] | "group" | null;
  readonly uncaught?: boolean;
}

/** A tab, or a subflow's instance. */
interface RunningFlow {
  readonly catchNodes?: readonly CatchNode[];
  readonly groups?: Readonly<Record<string, { readonly id: string; readonly g?: string }>>;
  readonly parent?: RunningFlow;
  /** Of a subflow: the node of its instance. */
  readonly node?: Member;
  readonly TYPE?: string;
}

/**
 * The Catch nodes that hear of a node's errors, by Node-RED's own rule (`Flow.handleError`): those of its flow whose scope it is in,
 * `uncaught` ones only where no other hears, and those around a subflow only where none inside hears.
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

/** The parent of what is in a group may be the group. */
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

/** Where the runtime does not show its flows: by the flow file, which knows no instances of subflows. */
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
