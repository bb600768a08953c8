import { secretPattern } from "../../services/secret-pattern.ts";

/** A value that no answer may tell, and what stands in its place. */
export interface Hidden {
  readonly value: unknown;
  readonly shownAs: string;
}

/** Whether a value may stand nowhere in an answer. That of a variable may well be a part of what was looked up. */
export function isSecret({ shownAs }: Hidden): boolean {
  return shownAs === "***";
}

/** A shorter one would be found in words that have nothing to do with it. */
const MIN_LENGTH = 4;

/** A text without the hidden values, in whatever encoding a server has put them into its own words. */
export function withoutHidden(text: string, hidden: readonly Hidden[]): string {
  return hidden.reduce(
    (rest, { value, shownAs }) =>
      typeof value === "string" && value.length >= MIN_LENGTH && value !== shownAs
        ? rest.replace(secretPattern(value), () => shownAs)
        : rest,
    text,
  );
}
