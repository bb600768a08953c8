/**
 * The parts of the Node-RED editor that the forms use. The published types have no validators that return a reason, no labels of
 * properties, no `hasUsers`, and no global `RED`.
 */
declare global {
  /** Returns whether a value is valid, or the reason why not. It must have both parameters, or the editor ignores the reason. */
  type PropertyValidator = (this: EditorNode, value: unknown, options: { readonly label?: string }) => true | string;

  interface NodePropertyDefinition {
    readonly value: unknown;
    /** The value for a flow of an older release without the property, if it is not the default. Node-RED ignores it. */
    readonly whenAbsent?: unknown;
    /** The type of the config node to which the property refers. */
    readonly type?: string;
    readonly required?: boolean;
    /** The name of the property in the reasons of validators. */
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

  /** A node in the editor: its properties, and some members of the editor. */
  interface EditorNode {
    readonly id: string;
    readonly type: string;
    readonly _def: NodeDefinition;
    /** Looks up a key in the node's catalog. */
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
    readonly events: { on(event: "nodes:add", listener: (node: EditorNode) => void): void };
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
