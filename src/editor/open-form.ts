/** The open form, if any. Each node type has its own bundle, and at most one form of a type is open. */
interface OpenForm {
  readonly nodeId: string;
  readonly prefix: string;
  /** Readers of properties whose value is not in an input, such as a code editor's text. */
  readonly readers: Map<string, () => unknown>;
}

let current: OpenForm | undefined;

/** Remembers that the form of `node` is open, so that validators check the entered values and not the stored ones. */
export function markOpen(node: EditorNode): void {
  const prefix = node._def.category === "config" ? "node-config-input-" : "node-input-";
  current = { nodeId: node.id, prefix, readers: new Map() };
}

/** Forgets the open form. Validators check the stored values again. */
export function markClosed(): void {
  current = undefined;
}

/** Whether the open form is that of this node. */
export function isOpen(node: EditorNode): boolean {
  return current?.nodeId === node.id;
}

/** Registers a reader for a property of the open form. */
export function readThrough(property: string, reader: () => unknown): void {
  current?.readers.set(property, reader);
}

/** The element of a property in the open form. */
export function input(property: string): JQuery {
  return $(`#${current?.prefix ?? "node-input-"}${property}`);
}

/** The value of a property in the open form; otherwise its stored value or its default. */
export function currentValue(node: EditorNode, property: string): unknown {
  if (isOpen(node)) {
    const reader = current?.readers.get(property);
    if (reader) {
      return reader();
    }
    const element = input(property);
    if (element.length > 0) {
      return element.attr("type") === "checkbox" ? element.prop("checked") : element.val();
    }
  }
  return node[property] ?? node._def.defaults[property]?.value;
}
