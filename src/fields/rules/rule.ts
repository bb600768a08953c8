import type { ErrorCode } from "../../errors/error-codes.ts";

/** Why a value is refused. */
export interface Reason {
  /** A key of `REASON_TEXTS`, and under `lightly-aws.reason` of the catalogs. */
  readonly key: string;
  /** The values that the text mentions. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** The code of the runtime's error, if it is not `INPUT_INVALID`. */
  readonly code?: ErrorCode;
}

/** Reads another property of the same node. */
export type ReadProperty = (property: string) => unknown;

/** Checks a text that is not blank. Returns undefined if it is valid. */
export type Rule = (text: string, read: ReadProperty) => Reason | undefined;

/** A rule that depends only on the text. */
export type TextRule = (text: string) => Reason | undefined;

/** Creates a rule from a pattern. */
export function matching(pattern: RegExp, key: string, code?: ErrorCode): TextRule {
  return (text) => (pattern.test(text) ? undefined : { key, code });
}

/** Creates a rule that accepts one of a few words. */
export function oneOf(words: readonly string[], key: string, code?: ErrorCode): TextRule {
  return (text) => (words.includes(text) ? undefined : { key, code });
}
