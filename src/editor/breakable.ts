const WORD_STARTS = /(?<=\s)(?=\S)/;
const BREAKS = /(?<=[:/])(?=[^\s:/])/;
const SEPARATORS = /[:/]/g;

/**
 * Splits a text where a line may break in addition to its spaces: after the colons and slashes of ARNs, addresses and paths. A word with
 * only one of them, such as the permission `ec2:StartInstances`, is not split.
 */
export function breakableParts(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  // Word by word, because a single pattern would scan the word again at each of its separators.
  for (const word of text.split(WORD_STARTS)) {
    const isWhole = (word.match(SEPARATORS)?.length ?? 0) < 2;
    const [first = "", ...rest] = isWhole ? [word] : word.split(BREAKS);
    part += first;
    for (const next of rest) {
      parts.push(part);
      part = next;
    }
  }
  return [...parts, part];
}

/** Returns the parts as DOM nodes. Copied text is not changed. */
export function breakable(text: string): Array<Text | HTMLElement> {
  return breakableParts(text).flatMap((part, index) => {
    const words = document.createTextNode(part);
    return index === 0 ? [words] : [document.createElement("wbr"), words];
  });
}
