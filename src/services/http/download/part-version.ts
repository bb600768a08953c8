import { readFile, rm } from "node:fs/promises";
import { displayUrl } from "../url/source-url.ts";
import { openOwnFile, readOwnFile } from "./own-file.ts";

/** The version of the remote file that the bytes of an unfinished file come from. */
export interface PartVersion {
  readonly url: URL;
  /** A strong ETag or a modification date, as `If-Range` takes it. */
  readonly validator: string;
  readonly totalBytes: number;
}

/**
 * A file beside an unfinished file that records its version, so that a later process can resume it. It is valid only until the machine
 * restarts: after a power failure a file may have its length without its bytes. Where restarts can't be detected, nothing is recorded.
 */
export class PartVersionFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async write({ url, ...version }: PartVersion): Promise<void> {
    const bootId = await readBootId();
    if (bootId !== undefined) {
      const handle = await openOwnFile(this.#path);
      try {
        await handle.truncate(0);
        await handle.writeFile(JSON.stringify({ ...version, url: displayUrl(url), bootId }));
      } finally {
        await handle.close();
      }
    }
  }

  /** @returns the version that was recorded for this URL since the start of the machine */
  async read(url: URL): Promise<PartVersion | undefined> {
    const bootId = await readBootId();
    const recorded = await readOwnFile(this.#path)
      .then(JSON.parse)
      .catch(() => undefined);
    const { validator, totalBytes } = recorded ?? {};
    const isOurs = bootId !== undefined && recorded?.bootId === bootId && recorded.url === displayUrl(url);
    return isOurs && typeof validator === "string" && Number.isSafeInteger(totalBytes)
      ? { url, validator, totalBytes }
      : undefined;
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

async function readBootId(): Promise<string | undefined> {
  return readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
}
