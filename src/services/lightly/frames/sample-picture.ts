import { parsed } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { responseError } from "../client/lightly-error.ts";
import { apiPath, type LightlyAnswer } from "../client/send-request.ts";
import { OBJECT_ID } from "../selection/selection-rules.ts";
import { arrayOf, object } from "../validation/container-rules.ts";

const SAMPLES = arrayOf(object({ id: OBJECT_ID }, {}, { otherKeys: "ignored" }));

/** A sample by its name, for answers that do not tell its id; `undefined` when the dataset has none of that name. */
export async function sampleIdOf(o: {
  client: LightlyClient;
  datasetId: string;
  fileName: string;
  signal: AbortSignal;
}): Promise<string | undefined> {
  const { client, datasetId, fileName, signal } = o;
  const path = apiPath`/v1/datasets/${datasetId}/samples/partial`;
  const query = [["mode", "ids"] as const, ["fileName", fileName] as const];
  return parsed(await client.request({ method: "GET", path, query, signal }), SAMPLES)[0]?.id;
}

/**
 * A URL by which a sample's picture or its thumbnail can be read: a secret, which expires.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function sampleReadUrl(o: {
  client: LightlyClient;
  datasetId: string;
  sampleId: string;
  type: "full" | "thumbnail";
  signal: AbortSignal;
}): Promise<string> {
  const { client, datasetId, sampleId, type, signal } = o;
  const path = apiPath`/v1/datasets/${datasetId}/samples/${sampleId}/readurl`;
  return readUrlIn(await client.request({ method: "GET", path, query: [["type", type]], signal }));
}

/** A URL as text or as a JSON string of it. */
export function readUrlIn({ endpoint, text }: LightlyAnswer): string {
  const url = text.trim().replace(/^"|"$/g, "");
  if (!/^https?:\/\//.test(url)) {
    throw responseError(endpoint, "is no URL");
  }
  return url;
}
