import { formatDuration } from "../../../polling/format-duration.ts";
import type { LightlyClient } from "./lightly-client.ts";
import { responseError } from "./lightly-error.ts";
import type { LightlyResponse } from "./send-request.ts";

/** The page size of Lightly's own client. */
const PAGE_SIZE = 5000;

/** The limits of a list. Without them, a server that always returns another full page would fill the memory, or block a step forever. */
export interface PageLimits {
  /** The maximum number of items; default a million. */
  readonly maxItems?: number;
  /** The maximum size of all pages after decompression; default 256 MiB. */
  readonly maxBytes?: number;
  /** The maximum duration of all requests, in milliseconds; default 15 min. The time between two requests does not count. */
  readonly maxDurationMs?: number;
}

/**
 * Reads a list page by page, until a page has fewer items than requested. `pageOffset` counts items, not pages.
 *
 * @throws PipelineError `LIGHTLY_RESPONSE_INVALID` if a full page is repeated (a server that ignores the offset would never end), or if the
 *   list exceeds a limit
 */
export async function* readPages<T>(options: {
  client: LightlyClient;
  path: string;
  query?: ReadonlyArray<readonly [string, string]>;
  pageSize?: number;
  itemsIn: (response: LightlyResponse) => T[];
  limits?: PageLimits;
  signal: AbortSignal;
}): AsyncGenerator<T[]> {
  const { pageSize = PAGE_SIZE, client } = options;
  const excessAfter = counter(options.limits);
  let last = "";
  for (let offset = 0; ; offset += pageSize) {
    const paging = [["pageSize", String(pageSize)] as const, ["pageOffset", String(offset)] as const];
    const askedAt = client.clock.now();
    const response = await client.request({
      method: "GET",
      path: options.path,
      query: [...(options.query ?? []), ...paging],
      signal: options.signal,
    });
    const items = options.itemsIn(response);
    const excess = excessAfter({ items: items.length, bytes: response.text.length, ms: client.clock.now() - askedAt });
    if (excess !== undefined) {
      throw responseError(response.endpoint, `is part of a list that exceeds ${excess}`);
    }
    yield items;
    if (items.length < pageSize) {
      return;
    }
    if (response.text === last) {
      throw responseError(response.endpoint, "is the same page again");
    }
    last = response.text;
  }
}

/** Adds up the pages, and returns the limit that they exceed. */
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
