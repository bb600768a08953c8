import { PipelineError } from "../../../errors/pipeline-error.ts";
import { tagsIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";
import { MAX_TAG_BYTES, type SelectionTag, selectionTag } from "./worker-run-tag.ts";

/** More names than that help nobody. */
const MAX_NAMES = 10;

/**
 * A tag of a dataset by its id, else by its name. Lightly has no request for one by name, so all are listed, as its own client does.
 *
 * @throws PipelineError `LIGHTLY_TAG_NOT_FOUND`, and see {@link LightlyClient}
 */
export async function findTag(o: {
  client: LightlyClient;
  datasetId: string;
  /** A name, or an id of 24 hexadecimal digits. */
  tag: string;
  signal: AbortSignal;
}): Promise<SelectionTag> {
  const { client, datasetId, tag, signal } = o;
  const tags = tagsIn(
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
