import { ownEntry } from "../errors/own-entry.ts";

/** Shorter base64 would match text that is not a secret. */
const MIN_BASE64_LENGTH = 12;

/**
 * Only this many characters of a secret are compared: they identify it, and a pattern of thousands of characters takes seconds to build.
 * The characters after them, up to the end of the value, count as part of the secret.
 */
const COMPARED_CHARACTERS = 64;
const VALUE_END = /[\s"'<>]/;
/** For secrets that contain such a character themselves. */
const MAX_COMPARED_CHARACTERS = 256;
const REST = "[^\\s\"'<>]*";

/**
 * Creates a pattern that finds a secret in all its encodings: plain, percent-encoded once or twice, as a form field, with escapes of JSON
 * or HTML (also mixed), or in base64 at any offset.
 *
 * Its only quantifier is at the end of a long secret, so that matching takes time in proportion to the length of the text.
 *
 * @param secret - of any length
 */
export function secretPattern(secret: string): RegExp {
  const length = VALUE_END.test(secret.slice(COMPARED_CHARACTERS, MAX_COMPARED_CHARACTERS))
    ? MAX_COMPARED_CHARACTERS
    : COMPARED_CHARACTERS;
  const rest = secret.length > length ? REST : "";
  const known = secret.slice(0, length);
  const spelled = [...known].map((character) => `(?:${spellingsOf(character).map(literal).join("|")})`);
  const encoded = base64Of(known).map((text) => `${literal(text)}${rest}`);
  return new RegExp([`${spelled.join("")}${rest}`, ...encoded].join("|"), "g");
}

/** Returns all encodings of a character in URLs, JSON and HTML. */
function spellingsOf(character: string): string[] {
  const inUrl = [...Buffer.from(character, "utf8")].map((byte) => `%${hex(byte, 2)}`).join("");
  const inJson = Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join("");
  const point = character.codePointAt(0) ?? 0;
  const encoded = [inUrl, inUrl.replaceAll("%", "%25"), inJson, `&#x${hex(point, 2)};`];
  const spelled = [
    ...(ownEntry(NAMED, character) ?? []),
    ...encoded,
    ...encoded.map((text) => text.replace(/(?<=(?:%25|%|u|x))[0-9A-F]+/g, (digits) => digits.toLowerCase())),
    `&#${point};`,
    character,
  ];
  return [...new Set(spelled)];
}

/** Longer encodings come first, so that none is a prefix of a later one. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  " ": ["+"],
  '"': ["&quot;", '\\"'],
  "&": ["&amp;"],
  "'": ["&apos;"],
  "/": ["\\/"],
  "<": ["&lt;"],
  ">": ["&gt;"],
  "\\": ["\\\\"],
};

/** Returns the base64 characters that depend on the secret alone, for each of the three offsets. */
function base64Of(secret: string): string[] {
  const bytes = Buffer.from(secret, "utf8");
  const pieces = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replaceAll("=", "");
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    return text.slice(first, last);
  });
  const long = pieces.filter(({ length }) => length >= MIN_BASE64_LENGTH);
  return [...new Set(long.flatMap((piece) => [piece, piece.replaceAll("+", "-").replaceAll("/", "_")]))];
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
