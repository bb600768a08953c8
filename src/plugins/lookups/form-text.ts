/** The environment variable that a field refers to in Node-RED's syntax, `${NAME}` or `$(NAME)`; undefined for any other value. */
export function variableIn(value: unknown): string | undefined {
  const [, inBraces, inParentheses] =
    /^(?:\$\{(\S+)\}|\$\((\S+)\))$/.exec(typeof value === "string" ? value.trim() : "") ?? [];
  return inBraces ?? inParentheses;
}

/** A copy of an object; empty for any other value. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
