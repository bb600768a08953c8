/** The form that is open, if any. A bundle serves one node type, and of one type one form at most is open. */
interface OpenForm {
  readonly nodeId: string;
  readonly prefix: string;
  /** Properties whose value is not in an input of their own, such as a code editor's text. */
  readonly readers: Map<string, () => unknown>;
}

let current: OpenForm | undefined;

/** Remembers that the form of `node` is open, so that validators look at what is typed rather than at what is stored. */
export function markOpen(node: EditorNode): void {
  const prefix = node._def.category === "config" ? "node-config-input-" : "node-input-";
  current = { nodeId: node.id, prefix, readers: new Map() };
}

/** Forgets the open form; from here on validators look at the stored values. */
export function markClosed(): void {
  current = undefined;
}

/** Whether it is this node, and not another one of its type, that is being edited. */
export function isOpen(node: EditorNode): boolean {
  return current?.nodeId === node.id;
}

/** Gives a property of the open form a reader of its own. */
export function readThrough(property: string, reader: () => unknown): void {
  current?.readers.set(property, reader);
}

/** The element that holds a property in the open form. */
export function input(property: string): JQuery {
  return $(`#${current?.prefix ?? "node-input-"}${property}`);
}

/** A property as it is typed in the open form, else as it is stored, else its default. */
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
