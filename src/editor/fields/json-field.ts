import { input, readThrough } from "../open-form.ts";

/** The type of a typed input whose text is edited in a code editor below it. */
export const JSON_BELOW = { value: "json", label: "JSON", icon: "red/images/typedInput/json.svg", hasValue: false };

export interface JsonFieldOptions {
  /** The initial text of the editor. */
  readonly template: string;
  /** Whether the property applies. If not, an unchanged template is not saved. */
  readonly isUsed: () => boolean;
  /** Receives the editor, for a form that writes into it. */
  readonly onOpen?: (editor: CodeEditor) => void;
}

/** A code editor below a typed input, shown while its type is JSON. */
export interface JsonField {
  /** Copies the text to the input that Node-RED reads. */
  save(): void;
  close(): void;
}

/** Opens the code editor in `<div id="node-input-<property>-editor">`. */
export function openJsonField(
  node: EditorNode,
  property: string,
  { template, isUsed, onOpen }: JsonFieldOptions,
): JsonField {
  const text = node[property];
  const typed = input(node, property);
  const place = input(node, `${property}-editor`);
  const isJson = (): boolean => typed.typedInput("type") === "json";
  const editor = RED.editor.createEditor({
    id: place.attr("id") ?? "",
    mode: "ace/mode/json",
    value: isJson() && String(text ?? "").trim() !== "" ? String(text) : template,
  });
  const show = (): void => {
    place.parent().toggle(isJson());
    editor.resize?.();
  };
  readThrough(node, property, () => (isJson() ? editor.getValue() : typed.val()));
  editor.on("change", () => typed.trigger("change"));
  typed.on("change", show);
  show();
  onOpen?.(editor);
  return {
    save: () => {
      if (isJson()) {
        const written = editor.getValue();
        typed.val(written === template && !isUsed() ? "" : written);
      }
    },
    close: () => editor.destroy(),
  };
}
