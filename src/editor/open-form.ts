/**
 * The readers of the open forms by the id of their node: they return properties whose value is not in an input, such as the text of a code
 * editor. Two forms are open while the form of an account covers that of a step.
 */
const forms = new Map<string, Map<string, () => unknown>>();

/** Remembers that the form of `node` is open, so that validators check the entered values and not the stored ones. */
export function markOpen(node: EditorNode): void {
  if (node._def.category !== "config") {
    // A node that was deleted in its form has not closed it.
    forms.clear();
  }
  forms.set(node.id, new Map());
}

/** Forgets the form of `node`. Validators check the stored values again. */
export function markClosed(node: EditorNode): void {
  forms.delete(node.id);
}

/** Whether the form of this node is open. */
export function isOpen(node: EditorNode): boolean {
  return forms.has(node.id);
}

/** Registers a reader for a property in the form of `node`. */
export function readThrough(node: EditorNode, property: string, reader: () => unknown): void {
  forms.get(node.id)?.set(property, reader);
}

/** The element of a property in the form of `node`. */
export function input(node: EditorNode, property: string): JQuery {
  return $(`#${inputPrefix(node)}${property}`);
}

/** The prefix of the ids of elements in the form of `node`. */
export function inputPrefix({ _def }: EditorNode): string {
  return _def.category === "config" ? "node-config-input-" : "node-input-";
}

/** The value of a property in the open form; otherwise its stored value or its default. */
export function currentValue(node: EditorNode, property: string): unknown {
  const readers = forms.get(node.id);
  if (readers) {
    const reader = readers.get(property);
    if (reader) {
      return reader();
    }
    const element = input(node, property);
    if (element.length > 0) {
      return element.attr("type") === "checkbox" ? element.prop("checked") : element.val();
    }
  }
  return node[property] ?? node._def.defaults[property]?.value;
}
