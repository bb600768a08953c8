import type { LightlyClient } from "../client/lightly-client.ts";
import { readPages } from "../client/read-pages.ts";
import { apiPath, type LightlyAnswer } from "../client/send-request.ts";

/**
 * The names of all samples in a tag, relative to the datasource.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function selectedFilenames(o: {
  client: LightlyClient;
  datasetId: string;
  tagId: string;
  signal: AbortSignal;
}): Promise<string[]> {
  const { client, datasetId, tagId, signal } = o;
  const names: string[] = [];
  const path = apiPath`/v1/datasets/${datasetId}/tags/${tagId}/export/basic/filenames`;
  for await (const page of readPages({ client, path, itemsIn: namesIn, signal })) {
    // One by one: a page of a server that does not count may be longer than a call takes arguments.
    for (const name of page) {
      names.push(name);
    }
  }
  return names;
}

/** One name per line, as plain text or as a JSON string of it. A text that only happens to be JSON (`1e5`, `null`) is a name. */
export function namesIn({ text }: LightlyAnswer): string[] {
  return unquoted(text)
    .split(/\r?\n/)
    .filter((name) => name !== "");
}

function unquoted(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}
