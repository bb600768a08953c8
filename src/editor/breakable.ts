const WORD_STARTS = /(?<=\s)(?=\S)/;
const BREAKS = /(?<=[:/])(?=[^\s:/])/;
const SEPARATORS = /[:/]/g;

/**
 * Parts a text where a line may end besides its blanks: behind the colons and slashes of ARNs, addresses and paths. A word with only
 * one of them, such as the permission `ec2:StartInstances`, stays whole.
 */
export function breakableParts(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  // Word by word: one pattern for all of it would look along the word again at each of its separators.
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

/** The same as nodes of a page; whoever copies the text gets it as it is. */
export function breakable(text: string): Array<Text | HTMLElement> {
  return breakableParts(text).flatMap((part, index) => {
    const words = document.createTextNode(part);
    return index === 0 ? [words] : [document.createElement("wbr"), words];
  });
}
