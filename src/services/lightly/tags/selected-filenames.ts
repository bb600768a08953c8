import type { LightlyClient } from "../client/lightly-client.ts";
import { readPages } from "../client/read-pages.ts";
import { apiPath, type LightlyResponse } from "../client/send-request.ts";

/**
 * Returns the names of all samples in a tag, relative to the datasource.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function selectedFilenames(options: {
  client: LightlyClient;
  datasetId: string;
  tagId: string;
  signal: AbortSignal;
}): Promise<string[]> {
  const { client, datasetId, tagId, signal } = options;
  const names: string[] = [];
  const path = apiPath`/v1/datasets/${datasetId}/tags/${tagId}/export/basic/filenames`;
  for await (const page of readPages({ client, path, itemsIn: parseNames, signal })) {
    // Not `push(...page)`: a page that ignores the page size may exceed the maximum number of arguments.
    for (const name of page) {
      names.push(name);
    }
  }
  return names;
}

/** Reads names, one per line, from plain text or a JSON string. Plain text that is valid JSON by chance (`1e5`, `null`) is a name. */
export function parseNames({ text }: LightlyResponse): string[] {
  return unquote(text)
    .split(/\r?\n/)
    .filter((name) => name !== "");
}

function unquote(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : text;
  } catch {
    return text;
  }
}
