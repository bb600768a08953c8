/** How a node without a name is called in messages: its type, without the prefix where the rest still says what it is. */
export function shortName(type: string): string {
  return type.replace(/^lightly-(?!(?:run|results|account)$)/, "");
}
