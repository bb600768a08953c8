/** What the panel uses of the Node-RED editor. */
interface Editor {
  _(key: string, values?: Readonly<Record<string, unknown>>): string;
  readonly i18n: { lang(): string };
  readonly plugins: { registerPlugin(id: string, definition: { type: string; onadd(): void }): void };
  readonly sidebar: { addTab(tab: Readonly<Record<string, unknown>>): void; show(id: string): void };
  readonly actions: { add(name: string, act: () => void, options: { label: string }): void };
  readonly events: { on(event: string, listener: () => void): void };
  readonly comms: {
    subscribe(topic: string, listener: (topic: string, data: unknown) => void): void;
    on(event: "connect", listener: () => void): void;
  };
  readonly user: { hasPermission(permission: string): boolean };
  readonly view: { reveal(id: string): void };
  readonly nodes: {
    node(id: string): FlowNode | null | undefined;
    workspace(id: string): { readonly label?: string } | null | undefined;
    subflow(id: string): { readonly name?: string } | null | undefined;
  };
  readonly utils: {
    getNodeLabel(node: FlowNode, otherwise: string): string;
    createObjectElement(value: unknown, options: Readonly<Record<string, unknown>>): JQuery;
  };
}

/** A node in the workspace. */
interface FlowNode {
  readonly z?: string;
  /** The id of the account that it uses. */
  readonly account?: unknown;
}

declare const RED: unknown;

export const editor = RED as Editor;

/** Looks a text of the panel up. */
export function text(key: string, values?: Readonly<Record<string, unknown>>): string {
  return editor._(`node-red-contrib-lightly-aws/lightly-aws-runs:${key}`, values);
}

/** How the flow is called that a node is in; blank for one that is gone. */
export function flowOf(nodeId: string | undefined): string {
  const place = nodeId === undefined ? undefined : editor.nodes.node(nodeId)?.z;
  return place === undefined ? "" : (editor.nodes.workspace(place)?.label ?? editor.nodes.subflow(place)?.name ?? "");
}

/** How the workspace shows a node; blank for one that is gone. */
export function labelOf(nodeId: string): string {
  const node = editor.nodes.node(nodeId);
  return node ? editor.utils.getNodeLabel(node, "") : "";
}

/** Whether a node is in a flow. */
export function isThere(nodeId: string): boolean {
  return Boolean(editor.nodes.node(nodeId));
}

/** Whether the user may abort and start runs. */
export function mayAct(): boolean {
  return editor.user.hasPermission("lightly-aws-runs.write");
}
