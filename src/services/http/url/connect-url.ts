import { type Clock, systemClock } from "../../../polling/clock.ts";
import type { AddressRules } from "../guard/guard-address.ts";
import { parsedFeed, rawFeed } from "./body-feed.ts";
import { BodyReader } from "./body-reader.ts";
import { type OpenedUrl, openUrl, type ReadFrom } from "./open-url.ts";
import { StallWatch } from "./stall-watch.ts";
import { stalledError } from "./url-errors.ts";

const STALL_LIMIT_MS = 60_000;

interface ConnectOptions {
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly stallMs?: number;
  readonly isLarge?: boolean;
  readonly addresses?: AddressRules;
}

/** An open connection. */
export interface UrlConnection {
  readonly opened: Omit<OpenedUrl, "body" | "hasOwnSocket">;
  readonly body: BodyReader;
  /** Aborted by the caller, by the stall watch (with its error), or by `close`. */
  readonly signal: AbortSignal;
  close(): void;
}

/**
 * Sends one request for a file and watches for stalls of its response.
 *
 * @throws PipelineError the errors of {@link openUrl}; `SOURCE_UNREACHABLE` if no response arrives within the stall limit
 */
export async function connectUrl(options: ConnectOptions, from?: ReadFrom): Promise<UrlConnection> {
  const { url, signal, clock = systemClock, stallMs = STALL_LIMIT_MS, isLarge, addresses: rules } = options;
  const connection = new AbortController();
  const watch = new StallWatch(clock, stallMs, () => connection.abort(stalledError(url, stallMs)));
  const ended = AbortSignal.any([signal, connection.signal]);
  const close = (): void => {
    watch.stop();
    connection.abort();
  };
  try {
    watch.waiting();
    const { body, hasOwnSocket, ...opened } = await openUrl({ url, signal: ended, from, rules, isLarge });
    watch.received();
    const feed = (hasOwnSocket ? rawFeed(body) : undefined) ?? parsedFeed(body);
    return { opened, body: new BodyReader(feed, watch), signal: ended, close };
  } catch (error) {
    close();
    throw error;
  }
}
