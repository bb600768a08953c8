import { secretPattern } from "../../services/secret-pattern.ts";

/** A value that a response must not contain, and its replacement. */
export interface MaskedValue {
  readonly value: unknown;
  readonly mask: string;
}

/** Whether a value must not occur anywhere in a response. The value of a variable may be part of a legitimate result. */
export function isSecret({ mask }: MaskedValue): boolean {
  return mask === "***";
}

/** Shorter values would match unrelated words. */
const MIN_LENGTH = 4;

/** Masks the values in a text, including in the encodings in which a server may repeat them. */
export function maskValues(text: string, masked: readonly MaskedValue[]): string {
  return masked.reduce(
    (rest, { value, mask }) =>
      typeof value === "string" && value.length >= MIN_LENGTH && value !== mask
        ? rest.replace(secretPattern(value), () => mask)
        : rest,
    text,
  );
}
