import { redact } from "../errors/redact.ts";
import { secretPattern } from "./secret-pattern.ts";

/** Removes secrets from a text. */
export type Cleaner = (text: string) => string;

/** Removes the secrets of an account from the texts of its server. */
export interface SecretText {
  /** For messages and logs: removes the secrets, and everything that looks like a secret. */
  readonly clean: Cleaner;
  /** For whole responses: removes only the secrets, so that the signed URLs in a response still work. */
  readonly scrub: Cleaner;
}

/** A shorter secret would match other parts of a response. */
const MIN_LENGTH_IN_RESPONSES = 8;

/**
 * Removes the secrets of one account from everything that its server sends: error bodies, headers, data, socket errors. A server or proxy
 * that repeats a request repeats the secret, in one encoding or another.
 *
 * @param secrets - empty strings are ignored
 */
export function secretText(...secrets: readonly string[]): SecretText {
  const known = secrets.filter((secret) => secret !== "");
  const cleaner = replaceSecrets(known);
  return {
    clean: (text) => redact(cleaner(text)),
    scrub: replaceSecrets(known.filter(({ length }) => length >= MIN_LENGTH_IN_RESPONSES)),
  };
}

/** Each step makes a client of its account, and a pattern takes longer to make than to use. */
const patterns = new Map<string, RegExp>();
const MAX_PATTERNS = 50;

function patternOf(secret: string): RegExp {
  const pattern = patterns.get(secret) ?? secretPattern(secret);
  if (patterns.size === MAX_PATTERNS) {
    patterns.clear(); // session tokens change
  }
  patterns.set(secret, pattern);
  return pattern;
}

function replaceSecrets(secrets: readonly string[]): Cleaner {
  const found = secrets.map(patternOf);
  return (text) => found.reduce((rest, pattern) => rest.replace(pattern, "***"), text);
}

/**
 * Creates an error with the messages of `thrown` and its causes, but without their objects: an error of `fetch` may contain the request.
 */
export function cleanCause(thrown: unknown, clean: Cleaner): Error {
  const code = codeOf(thrown);
  const cause = new Error(clean([...new Set(textsOf(thrown))].join(": ")));
  return code === undefined ? cause : Object.assign(cause, { code });
}

/** Returns the code of a network error from its chain of causes. */
export function codeOf(thrown: unknown): string | undefined {
  for (const error of chainOf(thrown)) {
    if ("code" in error && typeof error.code === "string") {
      return error.code;
    }
  }
  return undefined;
}

function textsOf(thrown: unknown): string[] {
  const chain = chainOf(thrown);
  return chain.length === 0 ? [String(thrown)] : chain.map((error) => error.message).filter((text) => text !== "");
}

/** Returns an error and its causes; of several parallel attempts (IPv6 and IPv4 of a host) the first error. */
function chainOf(thrown: unknown): Error[] {
  const chain: Error[] = [];
  for (let error = thrown; error instanceof Error && chain.length < 8; ) {
    chain.push(error);
    error = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined);
  }
  return chain;
}
