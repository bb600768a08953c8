import { ownEntry } from "../errors/own-entry.ts";

/** Shorter pieces of base64 would be found in what is no secret. */
const MIN_BASE64_LENGTH = 12;

/**
 * So many characters are looked for one by one; they are enough to know a secret by, and a pattern of thousands takes seconds to make.
 * What follows belongs to the secret up to where a text's value ends.
 */
const LOOKED_FOR = 64;
const END = /[\s"'<>]/;
/** For odd secrets that contain such an end themselves. */
const LOOKED_FOR_AT_MOST = 256;
const REST = "[^\\s\"'<>]*";

/**
 * A pattern that finds a secret in a text however it is written there: as it is, percent-encoded once or twice, as a form's field,
 * with escapes of JSON or HTML, each character in its own way, or in base64 with or without something before it.
 *
 * It has no quantifier but the one at the end of a long secret, so that the time for a text is linear in its length.
 *
 * @param secret - of any length
 */
export function secretPattern(secret: string): RegExp {
  const length = END.test(secret.slice(LOOKED_FOR, LOOKED_FOR_AT_MOST)) ? LOOKED_FOR_AT_MOST : LOOKED_FOR;
  const rest = secret.length > length ? REST : "";
  const known = secret.slice(0, length);
  const spelled = [...known].map((character) => `(?:${spellingsOf(character).map(literal).join("|")})`);
  const encoded = base64Of(known).map((text) => `${literal(text)}${rest}`);
  return new RegExp([`${spelled.join("")}${rest}`, ...encoded].join("|"), "g");
}

/** Every way to write one character that is common in URLs, JSON and HTML. */
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

/** Longer spellings first: one must not end where another one goes on. */
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

/** What stands in base64 for the secret whatever surrounds it: the characters that depend on it alone, for each of three offsets. */
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
