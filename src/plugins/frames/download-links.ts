import { randomUUID } from "node:crypto";

/** How long a link is valid. The browser follows it immediately. */
const VALID_MS = 60_000;

/**
 * Links for downloads that a browser saves while they arrive. Such a download is a navigation, which can't send an access token. A link is
 * random, works once, and for a minute.
 */
export class DownloadLinks {
  readonly #now: () => number;
  readonly #links = new Map<string, { readonly runId: string; readonly until: number }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @returns the secret part of a new link */
  create(runId: string): string {
    const now = this.#now();
    for (const [old, { until }] of this.#links) {
      if (until <= now) {
        this.#links.delete(old);
      }
    }
    const secret = randomUUID();
    this.#links.set(secret, { runId, until: now + VALID_MS });
    return secret;
  }

  /** The run of a link; undefined if it is unknown, was used already, or has expired. */
  use(secret: string): string | undefined {
    const link = this.#links.get(secret);
    this.#links.delete(secret);
    return link && link.until > this.#now() ? link.runId : undefined;
  }
}
