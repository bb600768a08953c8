/** Returns the name of a node without a name in messages: its type, without the prefix if the rest is still clear. */
export function shortName(type: string): string {
  return type.replace(/^lightly-(?!(?:run|results|account)$)/, "");
}
