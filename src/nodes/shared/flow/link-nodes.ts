import type { Node, NodeAPI } from "../node-red.ts";
import { catchNodesFor } from "./catch-nodes.ts";

/** The members of a runtime node that the published types do not have. */
export interface Wired {
  readonly id: string;
  readonly type: string;
  /** Its tab or subflow instance. */
  readonly z?: string;
  /** The id in the subflow, for a node of a subflow instance. */
  readonly _alias?: string;
  readonly wires?: ReadonlyArray<ReadonlyArray<string | null>>;
}

/** A node in the flow file. */
interface Def {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly mode?: string;
  readonly linkType?: string;
  readonly links?: string | readonly string[];
  readonly func?: string;
}

/** A position in a flow. */
export interface Position {
  readonly id: string;
  /** It was reached through a link call, to which the message returns. */
  readonly isCalled: boolean;
}

/** The next positions of a message. */
export interface NextPositions {
  readonly positions: readonly Position[];
  /** It may also go to nodes that only the message knows. */
  readonly isOpen: boolean;
}

/** Since Node-RED 5 a function may call any link of the flow. */
const CALLS_LINKS = /\blinkcall\b/i;

/**
 * Finds where messages go from a node, including through links. The runtime adds the targets of a *link out* to its wires, and connects the
 * wires of a subflow instance with the nodes inside. The targets of a *link call* and of a returning *link out* are in no wire.
 */
export class LinkNodes {
  readonly #red: NodeAPI;
  #defs: ReadonlyMap<string, Def> | undefined;

  constructor(red: NodeAPI) {
    this.#red = red;
  }

  /** @param passes - returns whether a message passes a node; it does not pass a step */
  nextPositions(node: Wired, isCalled: boolean, passes: (nodeId: string) => boolean): NextPositions {
    const onwards = positionsOf(wiredTo(node), isCalled);
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

  /** Every link call that may be the caller: the path started after a link call. */
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
          places.push(...positionsOf(wiredTo(caller), false));
        }
      } else if (this.#all().get(def.z ?? "")?.type === "subflow") {
        // There is one in each instance of a subflow, and the runtime does not list the instances.
        isOpen ||= returning._alias !== undefined || def.linkType === "dynamic";
      }
    }
    return { positions: places, isOpen };
  }

  /** The *link in* that a link call calls; undefined if only the message knows it. */
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
   * All nodes that a message may reach from a node, including the node itself.
   *
   * @param passes - default: it passes every node, and reaches the Catch nodes too
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
      waiting.push(...wiredTo(node), ...(called === undefined ? [] : [called]));
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

  /** Read on first use: most flows don't need it. */
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
export function wiredTo(node: Wired): string[] {
  // In a subflow, a wire to a node outside of it is null.
  return (node.wires ?? []).flat().filter((id): id is string => typeof id === "string");
}

function positionsOf(ids: readonly string[], isCalled: boolean): Position[] {
  return ids.map((id) => ({ id, isCalled }));
}
