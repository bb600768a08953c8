import { redact } from "../errors/redact.ts";
import { secretPattern } from "./secret-pattern.ts";

/** Takes what is secret out of a text. */
export type Cleaner = (text: string) => string;

/** What a client that knows a secret does to the texts of its server. */
export interface SecretText {
  /** For messages and logs: takes the secrets out, and whatever else looks like one. */
  readonly clean: Cleaner;
  /** For whole answers: takes the secrets out and changes nothing else, so that the signed URLs in an answer still work. */
  readonly scrub: Cleaner;
}

/** In an answer, a shorter secret would be found in what is none. */
const MIN_IN_ANSWERS = 8;

/**
 * Keeps the secrets of one account out of the texts of the server that it talks to: error bodies, headers, data, socket errors. A
 * server or proxy that repeats a request repeats the secret, in one encoding or another.
 *
 * @param secrets - blank ones are left out
 */
export function secretText(...secrets: readonly string[]): SecretText {
  const known = secrets.filter((secret) => secret !== "");
  const cleaner = without(known);
  return {
    clean: (text) => redact(cleaner(text)),
    scrub: without(known.filter(({ length }) => length >= MIN_IN_ANSWERS)),
  };
}

function without(secrets: readonly string[]): Cleaner {
  const patterns = secrets.map(secretPattern);
  return (text) => patterns.reduce((rest, pattern) => rest.replace(pattern, "***"), text);
}

/**
 * An error that says what `thrown` and its causes say, and holds none of their objects: those of `fetch` may carry the request.
 */
export function cleanCause(thrown: unknown, clean: Cleaner): Error {
  const code = codeOf(thrown);
  const cause = new Error(clean([...new Set(textsOf(thrown))].join(": ")));
  return code === undefined ? cause : Object.assign(cause, { code });
}

/** The system's or the HTTP client's code of a network error, wherever in its chain of causes it is. */
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

/** The error, its causes, and the first of several errors that were tried at once (IPv6 and IPv4 of one host). */
function chainOf(thrown: unknown): Error[] {
  const chain: Error[] = [];
  for (let error = thrown; error instanceof Error && chain.length < 8; ) {
    chain.push(error);
    error = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined);
  }
  return chain;
}
