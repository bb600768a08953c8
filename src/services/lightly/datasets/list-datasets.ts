import { type Listing, listing, MAX_LISTED } from "../../listing.ts";
import { type Dataset, datasetsIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";

/**
 * The datasets that the token may see, by name. Asks once: who waits in front of a form wants the answer, or the reason.
 *
 * @throws PipelineError see {@link LightlyClient}
 */
export async function listDatasets(client: LightlyClient, signal: AbortSignal): Promise<Listing<Dataset>> {
  const answer = await client.request({
    method: "GET",
    path: "/v1/datasets",
    query: [["pageSize", String(MAX_LISTED + 1)]],
    attempts: 1,
    signal,
  });
  return listing(datasetsIn(answer).sort((a, b) => a.name.localeCompare(b.name)));
}
