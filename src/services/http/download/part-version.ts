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

  /**
   * Empties the record.
   *
   * @returns writes the new version
   */
  async clear({ url, ...version }: PartVersion): Promise<() => Promise<void>> {
    const bootId = await bootIdOnce();
    if (bootId === undefined) {
      return async () => {};
    }
    const handle = await openOwnFile(this.#path, 0);
    const record = JSON.stringify({ ...version, url: displayUrl(url), bootId });
    return () => handle.writeFile(record).finally(() => handle.close());
  }

  /** @returns the version that was recorded for this URL since the start of the machine */
  async read(url: URL): Promise<PartVersion | undefined> {
    const record = readOwnFile(this.#path)
      .then(JSON.parse)
      .catch(() => undefined);
    const [bootId, recorded] = await Promise.all([bootIdOnce(), record]);
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

let bootId: Promise<string | undefined> | undefined;

/** The id of the machine's start, read once: it does not change while this process runs. */
function bootIdOnce(): Promise<string | undefined> {
  bootId ??= readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined);
  return bootId;
}
