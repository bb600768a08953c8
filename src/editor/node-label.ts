type Properties = Readonly<Record<string, unknown>>;

const MAX_VALUE_LENGTH = 30;

/**
 * The label of a node in the workspace: its name or, without one, what it does with which value, such as `s3 upload my-bucket`. A value that
 * is only known when a message arrives is left out.
 *
 * @param action - what a node of this type does: its label in the palette
 * @param property - the field with the value
 */
export function nodeLabel(node: Properties, action: string, property?: string): string {
  const value = property === undefined || node.name ? "" : enteredValue(node, property);
  return String(node.name || [action, value].filter(Boolean).join(" "));
}

function enteredValue(node: Properties, property: string): string {
  const type = node[`${property}Type`] ?? "str";
  const value = String(node[property] ?? "").trim();
  if (value === "" || !["str", "num", "env"].includes(String(type))) {
    return "";
  }
  const shown = type === "env" && !value.includes("$") ? `\${${value}}` : value;
  return shown.length > MAX_VALUE_LENGTH ? `…${shown.slice(1 - MAX_VALUE_LENGTH)}` : shown;
}
