/** A text that consists of one reference to an environment variable. Node-RED replaces both spellings before it creates a node. */
const VARIABLE = /^\$(?:\{([^{}]+)\}|\(([^()]+)\))$/;

/** Returns the name of the environment variable that a text consists of: `${NAME}` or `$(NAME)`; undefined for other texts. */
export function variableIn(text: string): string | undefined {
  const [, inBraces, inParentheses] = VARIABLE.exec(text) ?? [];
  return inBraces ?? inParentheses;
}
