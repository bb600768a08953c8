import { redact } from "../../errors/redact.ts";

const TITLE = /<title[^>]{0,100}>([^<]{1,120})/i;

/** Whether a response is a web page, by its media type or its first characters. */
export function isWebPage(contentType: string | null | undefined, body = ""): boolean {
  const start = body.slice(0, 200).trimStart().toLowerCase();
  return (
    /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? "") ||
    start.startsWith("<!doctype html") ||
    start.startsWith("<html")
  );
}

/** A web page as part of a sentence: `a web page ("Just a moment...", Cloudflare ray 8f0c-FRA)`. */
export function describeWebPage(headers: { get(name: string): string | null }, body: string): string {
  const title = TITLE.exec(body)?.[1]?.replaceAll(/\s+/g, " ").trim();
  const ray = headers.get("cf-ray");
  const facts = [...(title ? [`"${redact(title)}"`] : []), ...(ray ? [`Cloudflare ray ${ray.slice(0, 60)}`] : [])];
  return `a web page${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
}
