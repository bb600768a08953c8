import { PipelineError } from "../../../errors/pipeline-error.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { parseTags } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";
import { MAX_TAG_BYTES, type SelectionTag, selectionTag } from "./worker-run-tag.ts";

/** The maximum number of tag names in an error. */
const MAX_NAMES = 10;

/**
 * Finds a tag of a dataset by its id or name. Lightly's API has no request for a tag by its name, so all tags are listed, as Lightly's own
 * client does.
 *
 * @throws PipelineError `LIGHTLY_TAG_NOT_FOUND`; see {@link LightlyClient}
 */
export async function findTag(options: {
  client: LightlyClient;
  datasetId: string;
  /** A name, or an id of 24 hexadecimal digits. */
  tag: string;
  signal: AbortSignal;
}): Promise<SelectionTag> {
  const { client, datasetId, tag, signal } = options;
  const tags = parseTags(
    await client.request({
      method: "GET",
      path: apiPath`/v1/datasets/${datasetId}/tags`,
      maxBytes: MAX_TAG_BYTES,
      signal,
    }),
  );
  const found = tags.find(({ id }) => id === tag) ?? tags.find(({ name }) => name === tag);
  if (found === undefined) {
    const names = tags.slice(0, MAX_NAMES).map(({ name }) => name);
    const has =
      names.length === 0 ? "it has none yet" : `it has ${names.join(", ")}${tags.length > names.length ? " ..." : ""}`;
    throw new PipelineError("LIGHTLY_TAG_NOT_FOUND", `The dataset ${datasetId} has no tag "${tag}": ${has}.`, {
      details: { datasetId, tag },
    });
  }
  return selectionTag(found);
}
