/** The parts of the Node-RED editor's API that the panel uses. */
interface Editor {
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  readonly i18n: { lang(): string };
  readonly settings: { readonly apiRootUrl?: string };
  readonly plugins: { registerPlugin(id: string, definition: { type: string; onadd(): void }): void };
  readonly sidebar: { addTab(tab: Readonly<Record<string, unknown>>): void; show(id: string): void };
  readonly actions: { add(name: string, act: () => void, options: { label: string }): void };
  readonly events: { on(event: string, listener: () => void): void };
  readonly comms: {
    subscribe(topic: string, listener: (topic: string, data: unknown) => void): void;
    on(event: "connect", listener: () => void): void;
  };
  readonly user: { hasPermission(permission: string): boolean };
  readonly view: { reveal(id: string): void; select(id: string): void; redrawStatus(node: FlowNode): void };
  readonly nodes: {
    node(id: string): FlowNode | null | undefined;
    filterNodes(filter: { readonly z: string }): readonly FlowNode[];
    workspace(id: string): { readonly label?: string } | null | undefined;
    subflow(id: string): { readonly name?: string } | null | undefined;
  };
  readonly utils: { getNodeLabel(node: FlowNode, fallback: string): string };
}

/** A status below a node. */
export interface NodeStatus {
  readonly fill?: string;
  readonly shape?: string;
  readonly text?: string;
}

/** A node in the workspace. */
export interface FlowNode {
  readonly id: string;
  readonly type: string;
  /** The id of its flow. */
  readonly z?: string;
  /** The id of its account. */
  readonly account?: unknown;
  status?: NodeStatus;
  dirtyStatus?: boolean;
  dirty?: boolean;
}

declare const RED: unknown;

export const editor = RED as Editor;
