import type { LightlyClient } from "../client/lightly-client.ts";
import { responseError } from "../client/lightly-error.ts";
import { parseResponse } from "../client/responses.ts";
import { apiPath, type LightlyResponse } from "../client/send-request.ts";
import { OBJECT_ID } from "../selection/selection-rules.ts";
import { arrayOf, object } from "../validation/container-rules.ts";

const SAMPLES = arrayOf(object({ id: OBJECT_ID }, {}, { otherKeys: "ignored" }));

/** Returns the id of the sample with a name; `undefined` if the dataset has no such sample. */
export async function sampleIdOf(options: {
  client: LightlyClient;
  datasetId: string;
  fileName: string;
  signal: AbortSignal;
}): Promise<string | undefined> {
  const { client, datasetId, fileName, signal } = options;
  const path = apiPath`/v1/datasets/${datasetId}/samples/partial`;
  const query = [["mode", "ids"] as const, ["fileName", fileName] as const];
  return parseResponse(await client.request({ method: "GET", path, query, signal }), SAMPLES)[0]?.id;
}

/**
 * Returns a signed URL of a sample's picture or thumbnail. It is a secret, and expires.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function sampleReadUrl(options: {
  client: LightlyClient;
  datasetId: string;
  sampleId: string;
  type: "full" | "thumbnail";
  signal: AbortSignal;
}): Promise<string> {
  const { client, datasetId, sampleId, type, signal } = options;
  const path = apiPath`/v1/datasets/${datasetId}/samples/${sampleId}/readurl`;
  return parseUrl(await client.request({ method: "GET", path, query: [["type", type]], signal }));
}

/** Reads a URL from a response: plain text or a JSON string. */
export function parseUrl({ endpoint, text }: LightlyResponse): string {
  const url = text.trim().replace(/^"|"$/g, "");
  if (!/^https?:\/\//.test(url)) {
    throw responseError(endpoint, "is not a URL");
  }
  return url;
}
