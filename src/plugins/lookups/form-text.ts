/** What the editor shows, and sends, in place of a secret that it does not know. */
export const KEPT_SECRET = "__PWRD__";

/** The environment variable that a form's field names as Node-RED reads it, `${NAME}` or `$(NAME)`; undefined for any other text. */
export function variableIn(value: unknown): string | undefined {
  const [, inBraces, inParentheses] =
    /^(?:\$\{(\S+)\}|\$\((\S+)\))$/.exec(typeof value === "string" ? value.trim() : "") ?? [];
  return inBraces ?? inParentheses;
}

/** An object's own entries; none of anything else. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
