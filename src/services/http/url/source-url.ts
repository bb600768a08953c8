import { PipelineError } from "../../../errors/pipeline-error.ts";

/**
 * Reads the address of a file on the web.
 *
 * @param text - an absolute `http:` or `https:` URL
 * @throws PipelineError `SOURCE_URL_INVALID`
 */
export function parseSourceUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    const what =
      url === undefined ? "The source is not an absolute URL" : `The source's URL begins with ${url.protocol}`;
    throw new PipelineError("SOURCE_URL_INVALID", `${what}; give one that begins with http:// or https://.`);
  }
  return url;
}

/** A URL as it may be shown: without user name, password, query and fragment, which is where signatures and tokens are. */
export function displayUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
