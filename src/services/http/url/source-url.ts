import { PipelineError } from "../../../errors/pipeline-error.ts";

/**
 * Parses the URL of a file.
 *
 * @param text - an absolute `http:` or `https:` URL
 * @throws PipelineError `SOURCE_URL_INVALID`
 */
export function parseSourceUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    const what =
      url === undefined ? "The source is not an absolute URL" : `The URL of the source begins with ${url.protocol}`;
    throw new PipelineError("SOURCE_URL_INVALID", `${what}. Use one that begins with http:// or https://.`);
  }
  return url;
}

/** A URL for messages: without user name, password, query and fragment, which can contain signatures and tokens. */
export function displayUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
