import { formatDuration } from "../../../polling/format-duration.ts";
import type { LightlyClient } from "./lightly-client.ts";
import { responseError } from "./lightly-error.ts";
import type { LightlyAnswer } from "./send-request.ts";

/** The page size of Lightly's own client. */
const PAGE_SIZE = 5000;

/** What a list may come to. A server that always has one more full page would fill the memory, or keep a step for ever. */
export interface PageLimits {
  /** Of a list; default a million. */
  readonly maxItems?: number;
  /** Of all its pages after decompression; default 256 MiB. */
  readonly maxBytes?: number;
  /** For all requests together, in milliseconds; default 15 min. What the reader does between two pages does not count. */
  readonly maxDurationMs?: number;
}

/**
 * Reads a list page by page, until a page has fewer items than were asked for. `pageOffset` counts items, not pages.
 *
 * @throws PipelineError `LIGHTLY_RESPONSE_INVALID` when a full page comes twice (a server that ignores the offset would never end), or
 *   when the list goes beyond a limit
 */
export async function* readPages<T>(o: {
  client: LightlyClient;
  path: string;
  query?: ReadonlyArray<readonly [string, string]>;
  pageSize?: number;
  itemsIn: (answer: LightlyAnswer) => T[];
  limits?: PageLimits;
  signal: AbortSignal;
}): AsyncGenerator<T[]> {
  const { pageSize = PAGE_SIZE, client } = o;
  const excessAfter = counter(o.limits);
  let last = "";
  for (let offset = 0; ; offset += pageSize) {
    const paging = [["pageSize", String(pageSize)] as const, ["pageOffset", String(offset)] as const];
    const askedAt = client.clock.now();
    const answer = await client.request({
      method: "GET",
      path: o.path,
      query: [...(o.query ?? []), ...paging],
      signal: o.signal,
    });
    const items = o.itemsIn(answer);
    const excess = excessAfter({ items: items.length, bytes: answer.text.length, ms: client.clock.now() - askedAt });
    if (excess !== undefined) {
      throw responseError(answer.endpoint, `is part of a list that does not end: it goes on beyond ${excess}`);
    }
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

/** Adds pages up, and tells which limit the sum goes beyond. */
function counter({ maxItems = 1_000_000, maxBytes = 256 * 2 ** 20, maxDurationMs = 15 * 60_000 }: PageLimits = {}) {
  const sum = { items: 0, bytes: 0, ms: 0 };
  return (page: typeof sum): string | undefined => {
    sum.items += page.items;
    sum.bytes += page.bytes;
    sum.ms += page.ms;
    if (sum.items > maxItems) {
      return `${maxItems} items`;
    }
    if (sum.bytes > maxBytes) {
      return `${Math.round(maxBytes / 2 ** 20)} MiB`;
    }
    return sum.ms > maxDurationMs ? formatDuration(maxDurationMs) : undefined;
  };
}
