import { Readable } from "node:stream";
import { forEachConcurrently } from "../../src/concurrency/for-each-concurrently.ts";

const MAX_CONCURRENT = 8;
const TIMEOUT_MS = 20_000;

/** Returns the addresses of other sites in texts (Markdown or HTML), each once and without its fragment. */
export function externalLinks(texts: readonly string[]): string[] {
  const links = texts.flatMap((text) =>
    [...text.matchAll(/(?:\]\(|href=")(https?:\/\/[^)"\s]+)/g)].map(([, url = ""]) => url),
  );
  return [...new Set(links.map((url) => url.split("#")[0] ?? url))]
    .filter((url) => !/^http:\/\/(?:127\.0\.0\.1|localhost)\b/.test(url))
    .sort();
}

/** Requests each address, and returns those that lead nowhere, such as `https://example.com/a: HTTP 404`. */
export async function deadLinks(urls: readonly string[]): Promise<string[]> {
  const dead: string[] = [];
  await forEachConcurrently({
    items: Readable.from(urls),
    limit: MAX_CONCURRENT,
    signal: new AbortController().signal,
    work: async (url: string) => {
      const fault = await faultOf(url);
      if (fault !== undefined) {
        dead.push(`${url}: ${fault}`);
      }
    },
  });
  return dead.sort();
}

/** Sites that refuse programs (403, 429) exist. Only a page that is gone, or a site that does not respond, is dead. */
async function faultOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.status === 404 || response.status === 410 ? `HTTP ${response.status}` : undefined;
  } catch (error) {
    return error instanceof Error ? String(error.cause ?? error.message) : String(error);
  }
}
