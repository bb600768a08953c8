/** The parts of the Node-RED editor's API that the panel uses. */
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
  readonly clipboard: { copyText(text: string, beside: JQuery, message: string): boolean };
  readonly view: { reveal(id: string): void };
  readonly nodes: {
    node(id: string): FlowNode | null | undefined;
    workspace(id: string): { readonly label?: string } | null | undefined;
    subflow(id: string): { readonly name?: string } | null | undefined;
  };
  readonly utils: {
    getNodeLabel(node: FlowNode, fallback: string): string;
    createObjectElement(value: unknown, options: Readonly<Record<string, unknown>>): JQuery;
  };
}

/** A node in the workspace. */
interface FlowNode {
  readonly z?: string;
  /** The id of its account. */
  readonly account?: unknown;
}

declare const RED: unknown;

export const editor = RED as Editor;

/** Looks up a text of the panel. */
export function text(key: string, values?: Readonly<Record<string, unknown>>): string {
  return editor._(`node-red-contrib-lightly-aws/lightly-aws-runs:${key}`, values);
}

/** The name of a node's flow or subflow; empty if the node does not exist. */
export function flowOf(nodeId: string | undefined): string {
  const flowId = nodeId === undefined ? undefined : editor.nodes.node(nodeId)?.z;
  return flowId === undefined
    ? ""
    : (editor.nodes.workspace(flowId)?.label ?? editor.nodes.subflow(flowId)?.name ?? "");
}

/** The label of a node in the workspace; empty if the node does not exist. */
export function labelOf(nodeId: string): string {
  const node = editor.nodes.node(nodeId);
  return node ? editor.utils.getNodeLabel(node, "") : "";
}

/** Whether a node exists in a flow. */
export function hasNode(nodeId: string): boolean {
  return Boolean(editor.nodes.node(nodeId));
}

/** Whether the user may abort and start runs. */
export function canWrite(): boolean {
  return editor.user.hasPermission("lightly-aws-runs.write");
}
