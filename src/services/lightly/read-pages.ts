import type { LightlyClient } from "./lightly-client.ts";
import { responseError } from "./lightly-error.ts";
import type { LightlyAnswer } from "./send-once.ts";

/** The page size of Lightly's own client. */
const PAGE_SIZE = 5000;

/**
 * Reads a list page by page, until a page has fewer items than were asked for. `pageOffset` counts items, not pages.
 *
 * @throws PipelineError `LIGHTLY_RESPONSE_INVALID` when a full page comes twice: a server that ignores the offset would never end
 */
export async function* readPages<T>(o: {
  client: LightlyClient;
  path: string;
  query?: ReadonlyArray<readonly [string, string]>;
  pageSize?: number;
  itemsIn: (answer: LightlyAnswer) => T[];
  signal: AbortSignal;
}): AsyncGenerator<T[]> {
  const { pageSize = PAGE_SIZE } = o;
  let last = "";
  for (let offset = 0; ; offset += pageSize) {
    const paging = [["pageSize", String(pageSize)] as const, ["pageOffset", String(offset)] as const];
    const answer = await o.client.request({
      method: "GET",
      path: o.path,
      query: [...(o.query ?? []), ...paging],
      signal: o.signal,
    });
    const items = o.itemsIn(answer);
    yield items;
    if (items.length < pageSize) {
      return;
    }
    if (answer.text === last) {
      throw responseError(answer.endpoint, "is the same page again");
    }
    last = answer.text;
  }
}
