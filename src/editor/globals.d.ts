/**
 * What the forms use of the Node-RED editor. The published types know neither validators that give a reason, nor labels of
 * properties, nor `hasUsers`; and they declare no global `RED`.
 */
declare global {
  /** Tells whether a value is fine; a text says why it is not. Needs both parameters, or the editor ignores the text. */
  type PropertyValidator = (this: EditorNode, value: unknown, options: { readonly label?: string }) => true | string;

  interface NodePropertyDefinition {
    readonly value: unknown;
    /** What a flow of an older release means that does not have the property, if that is not the default. Node-RED does not look at it. */
    readonly whenAbsent?: unknown;
    /** The type of the config node that the property points to. */
    readonly type?: string;
    readonly required?: boolean;
    /** How the property is called in the reasons of validators. */
    readonly label?: string;
    readonly validate?: PropertyValidator;
  }

  interface NodeCredentialDefinition {
    readonly type: "text" | "password";
    readonly label?: string;
    readonly validate?: PropertyValidator;
  }

  interface NodeDefinition {
    readonly category: string;
    readonly color?: string;
    readonly icon: string;
    readonly defaults: Readonly<Record<string, NodePropertyDefinition>>;
    readonly credentials?: Readonly<Record<string, NodeCredentialDefinition>>;
    readonly inputs?: 0 | 1;
    readonly outputs?: number;
    readonly align?: "left" | "right";
    readonly paletteLabel?: string;
    readonly label: (this: EditorNode) => string;
    readonly labelStyle?: (this: EditorNode) => string;
    readonly inputLabels?: (this: EditorNode) => string;
    readonly outputLabels?: (this: EditorNode, index: number) => string;
    readonly oneditprepare?: (this: EditorNode) => void;
    readonly oneditsave?: (this: EditorNode) => void;
    readonly oneditcancel?: (this: EditorNode) => void;
  }

  /** A node as it stands in the editor: its properties, and a little of the editor's own. */
  interface EditorNode {
    readonly id: string;
    readonly type: string;
    readonly _def: NodeDefinition;
    /** Looks a key up in the node's own catalogue. */
    _(key: string, values?: Readonly<Record<string, unknown>>): string;
    [property: string]: unknown;
  }

  interface CodeEditor {
    getValue(): string;
    setValue(text: string): void;
    on(event: "change", listener: () => void): void;
    resize?(): void;
    destroy(): void;
  }

  /** A tooltip of the editor. */
  interface EditorTooltip {
    setContent(content: unknown): void;
    delete(): void;
  }

  const RED: {
    _(key: string, values?: Readonly<Record<string, unknown>>): string;
    readonly nodes: {
      registerType(type: string, definition: NodeDefinition & ThisType<EditorNode>): void;
      node(id: string): EditorNode | null | undefined;
      eachConfig(each: (node: EditorNode) => boolean): void;
    };
    readonly clipboard: { copyText(text: string, element: JQuery, message: string): boolean };
    readonly editor: { createEditor(options: { id: string; mode: string; value: string }): CodeEditor };
    readonly popover: { tooltip(target: JQuery, content: () => JQuery): EditorTooltip };
    readonly utils: { validateTypedProperty(value: unknown, type: string, options: object): true | string };
  };

  interface JQuery {
    autoComplete(options: { search: (typed: string) => readonly string[]; minLength?: number }): this;
  }
}

export {};
