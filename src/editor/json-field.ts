import { input, readThrough } from "./open-form.ts";

/** The type of a typed input whose text is edited below it rather than in it. */
export const JSON_BELOW = { value: "json", label: "JSON", icon: "red/images/typedInput/json.svg", hasValue: false };

export interface JsonFieldOptions {
  /** What stands in the editor before anything was written. */
  readonly template: string;
  /** Whether the property counts; if not, a template that nobody touched is not kept. */
  readonly isUsed: () => boolean;
  /** Told of the editor, for a form that writes into it. */
  readonly onOpen?: (editor: CodeEditor) => void;
}

/** A code editor below a typed input, shown as long as its type is JSON. */
export interface JsonField {
  /** Puts the text into the input, from where Node-RED takes it. */
  save(): void;
  close(): void;
}

/** Opens the code editor in `<div id="node-input-<property>-editor">`. */
export function openJsonField(
  property: string,
  text: unknown,
  { template, isUsed, onOpen }: JsonFieldOptions,
): JsonField {
  const typed = input(property);
  const isJson = (): boolean => typed.typedInput("type") === "json";
  const editor = RED.editor.createEditor({
    id: input(`${property}-editor`).attr("id") ?? "",
    mode: "ace/mode/json",
    value: isJson() && String(text ?? "").trim() !== "" ? String(text) : template,
  });
  const show = (): void => {
    input(`${property}-editor`).parent().toggle(isJson());
    editor.resize?.();
  };
  readThrough(property, () => (isJson() ? editor.getValue() : typed.val()));
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
