import { redact } from "../../errors/redact.ts";

/** Takes one token out of a text, however it was written into it, and whatever else looks secret. */
export type Cleaner = (text: string) => string;

/**
 * A function that makes texts of others (error bodies, socket errors) fit for messages and logs. Lightly takes its token in the
 * query, so a server or proxy that repeats the URL in its answer repeats the token, in one encoding or another.
 */
export function cleanerOf(token: string): Cleaner {
  const inForm = new URLSearchParams({ token }).toString().slice("token=".length);
  const inUrl = encodeURIComponent(token);
  const spellings = [
    token,
    inUrl,
    encodeURIComponent(inUrl),
    inForm,
    JSON.stringify(token).slice(1, -1),
    inHtml(token),
  ];
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return (text) => redact(longestFirst.reduce((rest, spelling) => rest.replaceAll(spelling, "***"), text));
}

function inHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
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
