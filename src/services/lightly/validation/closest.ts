/** All allowed words are shorter. A longer string is not compared, because that takes time in proportion to its length. */
const MAX_WORD_LENGTH = 100;

/**
 * Returns the allowed word that was probably meant: the same letters in another case or with other separators, otherwise a word with an
 * edit distance of at most two.
 *
 * @returns `undefined` if there is no such word
 */
export function closest(word: string, allowed: readonly string[]): string | undefined {
  const plain = (text: string): string => text.replace(/[_\-\s]/g, "").toLowerCase();
  const same = allowed.find((candidate) => plain(candidate) === plain(word));
  if (same !== undefined || word.length < 4 || word.length > MAX_WORD_LENGTH) {
    return same;
  }
  const [best] = allowed
    .map((candidate) => ({ candidate, distance: editDistance(plain(word), plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= 2 ? best.candidate : undefined;
}

/** The Levenshtein distance: the number of insertions, deletions and replacements from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
