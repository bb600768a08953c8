import { type Tag, tagsIn } from "../client/answers.ts";
import type { LightlyClient } from "../client/lightly-client.ts";
import { apiPath } from "../client/send-request.ts";

/** A tag has one bit for each sample of its dataset: a hundred tags of a million samples have 24 MiB. */
export const MAX_TAG_BYTES = 64 * 2 ** 20;

/** The tag that holds what a run selected. */
export interface SelectionTag {
  readonly tagId: string;
  readonly name: string;
  /** Samples in the tag. With the datapool, earlier picks that the tag repeats are among them. */
  readonly selectedCount: number;
  /** Samples of the dataset when the tag was made. */
  readonly totalCount: number;
}

/**
 * The newest tag that a run made in its dataset. The root tag, which only lists all samples, counts when there is no other.
 *
 * @returns `undefined` when the run made none (as with workers before 2.4.2)
 * @throws PipelineError, see {@link LightlyClient}
 */
export async function runTag(o: {
  client: LightlyClient;
  datasetId: string;
  runId: string;
  signal: AbortSignal;
}): Promise<SelectionTag | undefined> {
  const { client, datasetId, runId, signal } = o;
  const answer = await client.request({
    method: "GET",
    path: apiPath`/v1/docker/runs/${runId}/tags`,
    mostBytes: MAX_TAG_BYTES,
    signal,
  });
  const own = tagsIn(answer).filter((tag) => tag.datasetId === datasetId && (tag.runId ?? runId) === runId);
  const selections = own.filter(({ prevTagId }) => typeof prevTagId === "string");
  const newest = (selections.length > 0 ? selections : own).reduce<Tag | undefined>(
    (best, tag) => (best === undefined || tag.createdAt > best.createdAt ? tag : best),
    undefined,
  );
  return newest && selectionTag(newest);
}

/** What a tag holds, in our words. */
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
