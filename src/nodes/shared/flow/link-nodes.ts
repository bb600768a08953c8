import type { Node, NodeAPI } from "../node-red.ts";
import { catchNodesFor } from "./catch-nodes.ts";

/** The members of a runtime node that the published types leave out. */
export interface Wired {
  readonly id: string;
  readonly type: string;
  /** Its tab, or the subflow's instance that it is in. */
  readonly z?: string;
  /** Of a node in a subflow's instance: its id in the subflow. */
  readonly _alias?: string;
  readonly wires?: ReadonlyArray<ReadonlyArray<string | null>>;
}

/** A node as the flow file has it. */
interface Def {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly mode?: string;
  readonly linkType?: string;
  readonly links?: string | readonly string[];
  readonly func?: string;
}

/** Where a walk through a flow is. */
export interface Position {
  readonly id: string;
  /** The walk has come here through a link call, to which it returns. */
  readonly isCalled: boolean;
}

/** Where a message goes from a node. */
export interface NextPositions {
  readonly positions: readonly Position[];
  /** It may also go where only the message knows. */
  readonly isOpen: boolean;
}

/** A function may call any link of the flow: since Node-RED 5. */
const CALLS_LINKS = /\blinkcall\b/i;

/**
 * Where messages go from a node, through links too. The runtime puts the targets of a *link out* into its wires, and has the wires of a
 * subflow's instance lead into it and those of its last nodes out of it; what a *link call* and a returning *link out* do is in no wire.
 */
export class LinkNodes {
  readonly #red: NodeAPI;
  #defs: ReadonlyMap<string, Def> | undefined;

  constructor(red: NodeAPI) {
    this.#red = red;
  }

  /** @param passes - returns whether a message passes a node; a step does not let it pass */
  nextPositions(node: Wired, isCalled: boolean, passes: (nodeId: string) => boolean): NextPositions {
    const onwards = positionsOf(behindOf(node), isCalled);
    switch (node.type) {
      case "link out":
        if (this.#def(node)?.mode !== "return") {
          break;
        }
        return isCalled ? NO_POSITIONS : this.#toCallers(node);
      case "link call": {
        const target = this.#targetOf(node);
        if (target === undefined) {
          return { positions: onwards, isOpen: true };
        }
        const comesBack = this.#reachable(target, passes).some((one) => this.#isReturn(one));
        return { positions: [{ id: target, isCalled: true }, ...(comesBack ? onwards : [])], isOpen: false };
      }
      case "function":
        return { positions: onwards, isOpen: CALLS_LINKS.test(this.#def(node)?.func ?? "") };
    }
    return { positions: onwards, isOpen: false };
  }

  /** The walk has begun behind a call: every link call that may have been the caller. */
  #toCallers(returning: Wired): NextPositions {
    const places: Position[] = [];
    let isOpen = false;
    for (const def of this.#all().values()) {
      if (def.type !== "link call") {
        continue;
      }
      const caller = this.#node(def.id);
      if (caller) {
        const target = this.#targetOf(caller);
        if (target === undefined || this.#reachable(target).some(({ id }) => id === returning.id)) {
          places.push(...positionsOf(behindOf(caller), false));
        }
      } else if (this.#all().get(def.z ?? "")?.type === "subflow") {
        // One in each instance of a subflow, and the runtime does not tell which ones there are.
        isOpen ||= returning._alias !== undefined || def.linkType === "dynamic";
      }
    }
    return { positions: places, isOpen };
  }

  /** The *link in* that a link call calls; undefined when only the message knows. */
  #targetOf(node: Wired): string | undefined {
    const def = this.#def(node);
    if (!def || def.linkType === "dynamic") {
      return undefined;
    }
    const target = typeof def.links === "string" ? def.links : (def.links?.[0] ?? "");
    const inside = `${node.z}-${target}`;
    return node._alias !== undefined && this.#node(inside) ? inside : target;
  }

  /**
   * All nodes that a message may come to from a node, itself included.
   *
   * @param passes - default: every node, and to those that hear of its errors, too
   */
  #reachable(from: string, passes?: (nodeId: string) => boolean): Wired[] {
    const found = new Map<string, Wired>();
    const waiting = [from];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const node = found.has(id) ? undefined : this.#node(id);
      if (!node) {
        continue;
      }
      found.set(id, node);
      if (passes?.(id) === false || this.#isReturn(node)) {
        continue;
      }
      if (!passes) {
        waiting.push(...catchNodesFor(this.#red, node as unknown as Node).map((catcher) => catcher.id));
      }
      const called = node.type === "link call" ? this.#targetOf(node) : undefined;
      waiting.push(...behindOf(node), ...(called === undefined ? [] : [called]));
    }
    return [...found.values()];
  }

  #isReturn(node: Wired): boolean {
    return node.type === "link out" && this.#def(node)?.mode === "return";
  }

  #node(id: string): Wired | undefined {
    return this.#red.nodes.getNode(id) as Node | null | undefined as unknown as Wired | undefined;
  }

  #def(node: Wired): Def | undefined {
    return this.#all().get(node._alias ?? node.id);
  }

  /** Read when the first one is asked for: most walks meet none of them. */
  #all(): ReadonlyMap<string, Def> {
    if (!this.#defs) {
      const defs = new Map<string, Def>();
      this.#red.nodes.eachNode((def) => {
        defs.set(def.id, def as Def);
      });
      this.#defs = defs;
    }
    return this.#defs;
  }
}

const NO_POSITIONS: NextPositions = { positions: [], isOpen: false };

/** The nodes to which any output of a node is wired. */
export function behindOf(node: Wired): string[] {
  // In a subflow, a wire to a node that is not in it is null.
  return (node.wires ?? []).flat().filter((id): id is string => typeof id === "string");
}

function positionsOf(ids: readonly string[], isCalled: boolean): Position[] {
  return ids.map((id) => ({ id, isCalled }));
}
