import { type Listing, listing, MAX_LISTED } from "../../listing.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { type Dataset, parseDatasets } from "../client/responses.ts";

/**
 * Lists the datasets that the token can access, sorted by name. The request is not retried: a form waits for it.
 *
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function listDatasets(client: LightlyClient, signal: AbortSignal): Promise<Listing<Dataset>> {
  const response = await client.request({
    method: "GET",
    path: "/v1/datasets",
    query: [["pageSize", String(MAX_LISTED + 1)]],
    attempts: 1,
    signal,
  });
  return listing(parseDatasets(response).sort((a, b) => a.name.localeCompare(b.name)));
}
