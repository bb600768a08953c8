import type { LightlyClient } from "../client/lightly-client.ts";
import { parseTags, type Tag } from "../client/responses.ts";
import { apiPath } from "../client/send-request.ts";

/** A tag has one bit per sample of its dataset: a hundred tags of a million samples have 24 MiB. */
export const MAX_TAG_BYTES = 64 * 2 ** 20;

/** The tag of the samples that a worker run selected. */
export interface SelectionTag {
  readonly tagId: string;
  readonly name: string;
  /** The number of samples in the tag. With the datapool, this includes samples of earlier selections. */
  readonly selectedCount: number;
  /** The number of samples in the dataset when the tag was created. */
  readonly totalCount: number;
}

/**
 * Returns the newest tag that a worker run has created in its dataset. The root tag, which contains all samples, is returned only if there
 * is no other tag.
 *
 * @returns `undefined` if the run has created no tag (workers before 2.4.2)
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function workerRunTag(options: {
  client: LightlyClient;
  datasetId: string;
  workerRunId: string;
  signal: AbortSignal;
}): Promise<SelectionTag | undefined> {
  const { client, datasetId, workerRunId, signal } = options;
  const response = await client.request({
    method: "GET",
    path: apiPath`/v1/docker/runs/${workerRunId}/tags`,
    maxBytes: MAX_TAG_BYTES,
    signal,
  });
  const own = parseTags(response).filter(
    (tag) => tag.datasetId === datasetId && (tag.runId ?? workerRunId) === workerRunId,
  );
  const selections = own.filter(({ prevTagId }) => typeof prevTagId === "string");
  const newest = (selections.length > 0 ? selections : own).reduce<Tag | undefined>(
    (best, tag) => (best === undefined || tag.createdAt > best.createdAt ? tag : best),
    undefined,
  );
  return newest && selectionTag(newest);
}

/** Converts a tag, and counts its samples. */
export function selectionTag({ id: tagId, name, bitMaskData, totSize: totalCount }: Tag): SelectionTag {
  return { tagId, name, selectedCount: countBits(bitMaskData), totalCount };
}

/** Counts the bits that are set in a mask such as `0x6`. */
function countBits(mask: string): number {
  let count = 0;
  for (const digit of mask.slice("0x".length)) {
    for (let bits = Number.parseInt(digit, 16); bits > 0; bits >>= 1) {
      count += bits & 1;
    }
  }
  return count;
}
