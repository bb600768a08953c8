import type { HostNode } from "./host.ts";

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly name?: string;
  readonly label?: string;
  readonly account?: unknown;
}

/** A new node appears after a deploy; a deleted one never does. */
const RELOAD_MS = 30_000;

/** The names of nodes and flows. Empty for a user who may not read flows: then the recorded names are shown. */
export class FlowNames {
  readonly #request: (path: string) => Promise<unknown>;
  #nodes = new Map<string, FlowNode>();
  #loadedAt = 0;

  constructor(request: (path: string) => Promise<unknown>) {
    this.#request = request;
  }

  async load(): Promise<void> {
    this.#loadedAt = Date.now();
    try {
      const { flows } = (await this.#request("flows")) as { flows: readonly FlowNode[] };
      this.#nodes = new Map(flows.map((node) => [node.id, node]));
    } catch {
      // Without the permission, or while Node-RED restarts.
    }
  }

  /** A node; undefined if it is not known. */
  node(nodeId: string): HostNode | undefined {
    const node = this.#nodes.get(nodeId);
    if (!node) {
      if (Date.now() - this.#loadedAt > RELOAD_MS) {
        void this.load();
      }
      return undefined;
    }
    const flow = this.#nodes.get(node.z ?? "");
    return {
      label: node.name ?? "",
      flow: flow?.label ?? flow?.name ?? "",
      ...(typeof node.account === "string" && { account: node.account }),
    };
  }
}
