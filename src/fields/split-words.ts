import { PipelineError } from "../errors/pipeline-error.ts";

/**
 * Splits a line into words as a POSIX shell does: at white space, except in quotes and after a backslash. Nothing is expanded, and
 * characters that separate commands are plain text.
 *
 * @throws PipelineError `SSM_REQUEST_INVALID` if a quote is not closed
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    const next = line.charAt(at + 1);
    if (quote === "" && /\s/.test(character)) {
      words.push(...(word === undefined ? [] : [word]));
      word = undefined;
    } else if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      word ??= "";
    } else if (quote !== "" && character === quote) {
      quote = "";
    } else if (character === "\\" && (quote === "" ? next !== "" : quote === '"' && /["\\$`]/.test(next))) {
      word = (word ?? "") + next;
      at += 1;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== "") {
    throw new PipelineError("SSM_REQUEST_INVALID", `A quote is not closed in: ${line.slice(0, 100)}`);
  }
  return word === undefined ? words : [...words, word];
}
