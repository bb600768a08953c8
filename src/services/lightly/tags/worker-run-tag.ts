import { type Tag, tagsIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";

/** A tag has one bit for each sample of its dataset: a hundred tags of a million samples have 24 MiB. */
export const MAX_TAG_BYTES = 64 * 2 ** 20;

/** The tag of the samples that a worker run selected. */
export interface SelectionTag {
  readonly tagId: string;
  readonly name: string;
  /** Samples in the tag. With the datapool, this includes earlier selections that the tag repeats. */
  readonly selectedCount: number;
  /** Samples of the dataset when the tag was made. */
  readonly totalCount: number;
}

/**
 * The newest tag that a worker run made in its dataset; the root tag, which lists all samples, only if there is no other.
 *
 * @returns `undefined` when the run made none (workers before 2.4.2)
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function workerRunTag(o: {
  client: LightlyClient;
  datasetId: string;
  workerRunId: string;
  signal: AbortSignal;
}): Promise<SelectionTag | undefined> {
  const { client, datasetId, workerRunId, signal } = o;
  const answer = await client.request({
    method: "GET",
    path: apiPath`/v1/docker/runs/${workerRunId}/tags`,
    maxBytes: MAX_TAG_BYTES,
    signal,
  });
  const own = tagsIn(answer).filter((tag) => tag.datasetId === datasetId && (tag.runId ?? workerRunId) === workerRunId);
  const selections = own.filter(({ prevTagId }) => typeof prevTagId === "string");
  const newest = (selections.length > 0 ? selections : own).reduce<Tag | undefined>(
    (best, tag) => (best === undefined || tag.createdAt > best.createdAt ? tag : best),
    undefined,
  );
  return newest && selectionTag(newest);
}

/** A tag with its samples counted. */
export function selectionTag({ id: tagId, name, bitMaskData, totSize: totalCount }: Tag): SelectionTag {
  return { tagId, name, selectedCount: countBits(bitMaskData), totalCount };
}

/** How many bits of a mask such as `0x6` are set: one for each sample. */
function countBits(mask: string): number {
  let count = 0;
  for (const digit of mask.slice("0x".length)) {
    for (let bits = Number.parseInt(digit, 16); bits > 0; bits >>= 1) {
      count += bits & 1;
    }
  }
  return count;
}
